package dev.varve.store.kernel;

import java.util.Arrays;

/** Sums in double precision, row by row. */
final class ScalarWeightedSumKernel implements WeightedSumKernel {
  private final ScalarRowLoader loader = new ScalarRowLoader();
  private double[] sums = {};

  @Override
  public void sum(StoredRows rows, FloatRows weights, FloatRows out) {
    int columns = rows.columns();
    int count = weights.rows();
    weights.require(count, rows.rows(), "weights");
    out.require(count, columns, "out");
    if (sums.length < count * columns) {
      sums = new double[count * columns];
    }
    Arrays.fill(sums, 0, count * columns, 0);
    for (int r = 0; r < rows.rows(); r++) {
      float[] row = loader.load(rows, r);
      for (int v = 0; v < count; v++) {
        double weight = weights.values()[weights.offset(v) + r];
        for (int c = 0; c < columns; c++) {
          sums[v * columns + c] += weight * row[c];
        }
      }
    }
    for (int v = 0; v < count; v++) {
      for (int c = 0; c < columns; c++) {
        out.values()[out.offset(v) + c] = (float) sums[v * columns + c];
      }
    }
  }
}
