package dev.varve.eviction.score;

import java.util.Arrays;

/**
 * Smooths scores along the sequence, stride 1, as PyTorch's {@code max_pool1d} and {@code
 * avg_pool1d} do with a padding of half the kernel: beyond the ends the maximum sees nothing and
 * the average zeros.
 */
public enum Pooling {
  /** The largest score in the kernel. */
  MAX,
  /** The sum of the scores in the kernel over its width. */
  AVG;

  /** Returns {@code kernel} if it is odd and at least 1. */
  public static int requireKernel(int kernel) {
    if (kernel < 1 || kernel % 2 == 0) {
      throw new IllegalArgumentException(
          "kernel must be odd and at least 1, or the smoothed scores are longer than the scores: "
              + kernel);
    }
    return kernel;
  }

  /** The smoothed scores of {@code scores[0, count)}, as a new array of that length. */
  float[] smooth(float[] scores, int count, int kernel) {
    if (kernel == 1) {
      return Arrays.copyOf(scores, count);
    }
    float[] out = new float[count];
    if (this == MAX) {
      Arrays.fill(out, Float.NEGATIVE_INFINITY);
    }
    int half = kernel / 2;
    for (int shift = -half; shift <= half; shift++) {
      int from = Math.max(0, -shift);
      int to = Math.min(count, count - shift);
      if (this == MAX) {
        for (int i = from; i < to; i++) {
          out[i] = Math.max(out[i], scores[i + shift]);
        }
      } else {
        for (int i = from; i < to; i++) {
          out[i] += scores[i + shift];
        }
      }
    }
    if (this == AVG) {
      for (int i = 0; i < count; i++) {
        out[i] /= kernel;
      }
    }
    return out;
  }
}
