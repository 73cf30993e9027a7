package dev.varve.store.kernel;

import java.util.Arrays;
import java.util.Objects;

/** Sorts a copy to find the threshold. */
final class ScalarTopKKernel implements TopKKernel {
  private float[] sorted = {};

  @Override
  public int select(float[] scores, int at, int count, int k, int[] places) {
    Objects.checkFromIndexSize(at, count, scores.length);
    int wanted = Math.min(k, count);
    Objects.checkFromIndexSize(0, wanted, places.length);
    if (wanted <= 0) {
      return 0;
    }
    if (sorted.length < count) {
      sorted = new float[count];
    }
    for (int i = 0; i < count; i++) {
      sorted[i] = comparable(scores[at + i]);
    }
    Arrays.sort(sorted, 0, count);
    float threshold = sorted[count - wanted];
    int atThreshold = wanted;
    for (int i = count - wanted; i < count; i++) {
      atThreshold -= sorted[i] > threshold ? 1 : 0;
    }
    int written = 0;
    for (int i = 0; written < wanted; i++) {
      float score = comparable(scores[at + i]);
      if (score > threshold || (score == threshold && atThreshold-- > 0)) {
        places[written++] = i;
      }
    }
    return wanted;
  }

  /** One zero, and no NaN. */
  private static float comparable(float score) {
    return Float.isNaN(score) ? Float.NEGATIVE_INFINITY : score + 0f;
  }
}
