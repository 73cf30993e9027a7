package dev.varve.eviction.select;

import java.util.Arrays;

/** The best tokens of a range: sorted ascending, ties to the lower index. Linear time. */
public final class TopTokens {
  private static final int ROUNDS = 64;

  private TopTokens() {}

  /**
   * The {@code count} tokens of {@code [from, to)} with the largest scores.
   *
   * @param scores no NaN in the range
   * @param count 0 to {@code to - from}
   */
  public static int[] of(float[] scores, int from, int to, int count) {
    int[] tokens = new int[count];
    if (count == 0) {
      return tokens;
    }
    float least = kthLargest(Arrays.copyOfRange(scores, from, to), count);
    int above = 0;
    for (int i = from; i < to; i++) {
      above += scores[i] > least ? 1 : 0;
    }
    int ties = count - above;
    int next = 0;
    for (int i = from; i < to; i++) {
      if (scores[i] > least || (scores[i] == least && ties-- > 0)) {
        tokens[next++] = i;
      }
    }
    return tokens;
  }

  /** The {@code k}-th largest of {@code values}, which are reordered; {@code k} counts from 1. */
  static float kthLargest(float[] values, int k) {
    int at = values.length - k;
    int low = 0;
    int high = values.length;
    for (int round = 0; round < ROUNDS && high - low > 1; round++) {
      float pivot = median(values[low], values[(low + high) >>> 1], values[high - 1]);
      int less = low;
      int more = high;
      for (int i = low; i < more; ) {
        float value = values[i];
        if (value < pivot) {
          values[i++] = values[less];
          values[less++] = value;
        } else if (value > pivot) {
          values[i] = values[--more];
          values[more] = value;
        } else {
          i++;
        }
      }
      if (at < less) {
        high = less;
      } else if (at >= more) {
        low = more;
      } else {
        return pivot;
      }
    }
    Arrays.sort(values, low, high);
    return values[at];
  }

  private static float median(float a, float b, float c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
