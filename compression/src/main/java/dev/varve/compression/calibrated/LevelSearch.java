package dev.varve.compression.calibrated;

/**
 * Finds levels between -1 and 1 that numbers lie near: weighted k-means in one dimension (Lloyd,
 * 1957) on a histogram. For one thread at a time.
 */
final class LevelSearch {
  private static final int BINS = 4096;
  private static final int ROUNDS = 50;

  private final double[] weights = new double[BINS];

  /** Adds a number between -1 and 1. */
  void add(float number, double weight) {
    int bin = (int) ((number + 1) * (BINS / 2));
    weights[Math.clamp(bin, 0, BINS - 1)] += weight;
  }

  /** {@code 2^bits} levels, ascending; evenly spread where nothing was added. */
  float[] levels(int bits) {
    int count = 1 << bits;
    double[] levels = start(count);
    for (int round = 0; round < ROUNDS; round++) {
      double[] sums = new double[count];
      double[] moments = new double[count];
      int level = 0;
      for (int bin = 0; bin < BINS; bin++) {
        double at = place(bin);
        while (level + 1 < count && at >= (levels[level] + levels[level + 1]) / 2) {
          level++;
        }
        sums[level] += weights[bin];
        moments[level] += weights[bin] * at;
      }
      for (int i = 0; i < count; i++) {
        levels[i] = sums[i] > 0 ? moments[i] / sums[i] : levels[i];
      }
    }
    float[] rounded = new float[count];
    for (int i = 0; i < count; i++) {
      rounded[i] = (float) levels[i];
    }
    return rounded;
  }

  /** Levels that each stand for as much of the root of the density (Panter and Dite, 1951). */
  private double[] start(int count) {
    double total = 0;
    for (double weight : weights) {
      total += Math.cbrt(weight);
    }
    double[] levels = new double[count];
    if (total == 0) {
      for (int i = 0; i < count; i++) {
        levels[i] = -1 + (2 * i + 1.0) / count;
      }
      return levels;
    }
    double sum = 0;
    int found = 0;
    for (int bin = 0; bin < BINS; bin++) {
      sum += Math.cbrt(weights[bin]);
      while (found < count && sum >= total * (found + 0.5) / count) {
        levels[found++] = place(bin);
      }
    }
    while (found < count) {
      levels[found++] = 1;
    }
    return levels;
  }

  private static double place(int bin) {
    return -1 + (2 * bin + 1.0) / BINS;
  }
}
