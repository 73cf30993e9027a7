package dev.varve.compression.entropy;

import java.util.Arrays;

/** One column after the other. */
final class ScalarColumnKernel implements ColumnKernel {
  @Override
  public void count(byte[] symbols, int rows, int columns, int levels, float[] counts, int stride) {
    Arrays.fill(counts, 0, levels * stride, 0);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        counts[symbols[row * columns + column] * stride + column]++;
      }
    }
  }

  @Override
  public void cheapest(
      float[] counts,
      int stride,
      int columns,
      int levels,
      float[] costs,
      float[] bits,
      int[] choice) {
    for (int column = 0; column < columns; column++) {
      bits[column] = Float.POSITIVE_INFINITY;
      for (int table = 0; table < ShapeBank.TABLES; table++) {
        float sum = 0;
        for (int level = 0; level < levels; level++) {
          sum = Math.fma(counts[level * stride + column], costs[table * levels + level], sum);
        }
        if (sum < bits[column]) {
          bits[column] = sum;
          choice[column] = table;
        }
      }
    }
  }
}
