package dev.varve.compression.quantize;

/**
 * Scale and zero of a group of numbers: {@code x' = code * scale + zero} with {@code 0 <= code <=
 * top}. Both are binary16, rounded outwards, so that every number of the group lies in the range of
 * the codes and its error is at most half a step. For one thread at a time.
 */
final class AffineFit {
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
