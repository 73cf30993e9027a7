package dev.varve.eviction.merge;

/** Weighted averages of rows, summed in double precision. */
final class Means {
  private final double[] sums;
  private double weights;

  Means(int dim) {
    this.sums = new double[dim];
  }

  void add(float[] rows, int row, double weight) {
    for (int c = 0; c < sums.length; c++) {
      sums[c] += weight * rows[row * sums.length + c];
    }
    weights += weight;
  }

  double weights() {
    return weights;
  }

  float[] mean() {
    float[] mean = new float[sums.length];
    for (int c = 0; c < mean.length; c++) {
      mean[c] = (float) (sums[c] / weights);
    }
    return mean;
  }
}
