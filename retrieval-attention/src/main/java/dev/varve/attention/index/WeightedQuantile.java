package dev.varve.attention.index;

import java.util.Arrays;

/** Quantiles of values of which each counts as often as its weight says. */
final class WeightedQuantile {
  private long[] sorted = new long[256];
  private int count;
  private long total;

  /** Adds a value that is not negative. */
  void add(float value, int weight) {
    if (count == sorted.length) {
      sorted = Arrays.copyOf(sorted, 2 * count);
    }
    sorted[count++] = ((long) Float.floatToRawIntBits(value) << 32) | weight;
    total += weight;
  }

  /** The smallest value that at least {@code share} of all are not above; 0 without values. */
  float at(double share) {
    Arrays.sort(sorted, 0, count);
    long seen = 0;
    for (int i = 0; i < count; i++) {
      seen += sorted[i] & 0xffffffffL;
      if (seen >= share * total) {
        return Float.intBitsToFloat((int) (sorted[i] >>> 32));
      }
    }
    return 0;
  }
}
