package dev.varve.store.kernel;

import java.util.Arrays;

/**
 * Finds the k-th largest of some floats by their bits, eight at a time from the highest: four
 * passes over what is left, in any order of the input.
 */
final class VectorRadixThreshold {
  private static final int DIGIT_BITS = 8;
  private static final int DIGITS = 1 << DIGIT_BITS;

  private final int[] histogram = new int[DIGITS];
  private int[] keys = {};
  private int equal;

  /**
   * The {@code k}-th largest of {@code values[0, count)}, {@code 1 <= k <= count}, none of them NaN
   * or a negative zero.
   */
  float largest(float[] values, int count, int k) {
    if (keys.length < count) {
      keys = new int[count];
    }
    for (int i = 0; i < count; i++) {
      keys[i] = key(Float.floatToRawIntBits(values[i]));
    }
    int left = count;
    int wanted = k;
    int prefix = 0;
    for (int shift = Integer.SIZE - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
      Arrays.fill(histogram, 0);
      for (int i = 0; i < left; i++) {
        histogram[(keys[i] >>> shift) & (DIGITS - 1)]++;
      }
      int digit = DIGITS - 1;
      while (histogram[digit] < wanted) {
        wanted -= histogram[digit--];
      }
      int kept = 0;
      for (int i = 0; i < left; i++) {
        if (((keys[i] >>> shift) & (DIGITS - 1)) == digit) {
          keys[kept++] = keys[i];
        }
      }
      left = kept;
      prefix |= digit << shift;
    }
    equal = wanted;
    return Float.intBitsToFloat(bits(prefix));
  }

  /** How many values that equal the last result are among the k largest. */
  int equal() {
    return equal;
  }

  /** Bits whose unsigned order is the order of the floats. */
  private static int key(int bits) {
    return bits ^ ((bits >> 31) | Integer.MIN_VALUE);
  }

  private static int bits(int key) {
    return key ^ (~(key >> 31) | Integer.MIN_VALUE);
  }
}
