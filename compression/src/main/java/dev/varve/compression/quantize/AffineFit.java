package dev.varve.compression.quantize;

/**
 * Scale and zero of a group of numbers: {@code x' = code * scale + zero} with {@code 0 <= code <=
 * top}. Both are binary16, rounded outwards, so that every number of the group lies in the range of
 * the codes and its error is at most half a step. For one thread at a time.
 */
final class AffineFit {
  /** Groups that are fitted one by one before the kernel is asked again. */
  private static final int ALONE = 8;

  private final int top;
  private final boolean symmetric;
  private float scale;
  private float zero;

  /** For codes of {@code bits} bits; symmetric codes leave the lowest one unused. */
  AffineFit(int bits, boolean symmetric) {
    this.top = top(bits, symmetric);
    this.symmetric = symmetric;
  }

  /** The largest code of {@code bits} bits. */
  static int top(int bits, boolean symmetric) {
    return symmetric ? (1 << bits) - 2 : (1 << bits) - 1;
  }

  /** The zero that a symmetric scale implies. */
  static float impliedZero(int top, float scale) {
    return -(top / 2f) * scale;
  }

  /** Fits numbers between {@code lowest} and {@code highest}; false if binary16 cannot hold it. */
  boolean fit(float lowest, float highest) {
    if (symmetric) {
      double peak = Math.max(Math.abs((double) lowest), Math.abs((double) highest));
      scale = Half.up(2 * peak / top);
      zero = impliedZero(top, scale);
    } else {
      zero = Half.down(lowest);
      scale = Half.up(((double) highest - zero) / top);
    }
    return Float.isFinite(scale) && Float.isFinite(zero);
  }

  /**
   * Fits many groups: {@code lowest[g]} becomes the zero of group {@code g}, {@code highest[g]} the
   * inverse of its scale.
   *
   * @param parameters receives the stored scale of each group, and behind it the zero where codes
   *     are asymmetric
   * @return the first group that binary16 cannot hold, left as it is; {@code groups} if all fit
   */
  int fitAll(
      QuantizeKernel kernel, float[] lowest, float[] highest, int groups, short[] parameters) {
    int g = 0;
    while (g < groups) {
      int next = kernel.fit(symmetric, top, lowest, highest, g, groups, parameters);
      int end = Math.min(groups, next + ALONE);
      g = fit(lowest, highest, next, end, parameters);
      if (g < end) {
        return g;
      }
    }
    return groups;
  }

  private int fit(float[] lowest, float[] highest, int from, int to, short[] parameters) {
    for (int g = from; g < to; g++) {
      float low = lowest[g];
      float high = highest[g];
      double steps;
      short storedZero = 0;
      if (symmetric) {
        steps = 2 * (double) Math.max(Math.abs(low), Math.abs(high)) / top;
      } else {
        storedZero = Half.downBits(low);
        zero = Float.float16ToFloat(storedZero);
        steps = ((double) high - zero) / top;
      }
      short storedScale = Half.upBits(steps);
      scale = Float.float16ToFloat(storedScale);
      zero = symmetric ? impliedZero(top, scale) : zero;
      if (!(Math.abs(scale) + Math.abs(zero) < Float.POSITIVE_INFINITY)) {
        return g;
      }
      lowest[g] = zero;
      highest[g] = inverse();
      if (symmetric) {
        parameters[g] = storedScale;
      } else {
        parameters[2 * g] = storedScale;
        parameters[2 * g + 1] = storedZero;
      }
    }
    return to;
  }

  /** The largest code. */
  int top() {
    return top;
  }

  float scale() {
    return scale;
  }

  float zero() {
    return zero;
  }

  /** Codes for one unit; 0 where all numbers of the group are equal. */
  float inverse() {
    return scale == 0 ? 0 : 1 / scale;
  }
}
