package dev.varve.store.kernel;

import java.util.Arrays;

/** Row after row, element after element. */
final class ScalarWeightedSumKernel implements WeightedSumKernel {

  private float[] row = {};

  @Override
  public void sum(StoredRows rows, FloatRows weights, FloatRows out) {
    int columns = rows.columns();
    weights.require(weights.rows(), rows.rows(), "weights");
    out.require(weights.rows(), columns, "out");
    row = row.length < columns ? Arrays.copyOf(row, columns) : row;
    for (int q = 0; q < weights.rows(); q++) {
      Arrays.fill(out.values(), out.offset(q), out.offset(q) + columns, 0);
    }
    DtypeKernel dtype = DtypeKernel.of(Backend.SCALAR, rows.dtype());
    for (int r = 0; r < rows.rows(); r++) {
      dtype.load(rows.bytes(), rows.offset(r), row, 0, columns);
      for (int q = 0; q < weights.rows(); q++) {
        add(weights.values()[weights.offset(q) + r], out.values(), out.offset(q), columns);
      }
    }
  }

  private void add(float weight, float[] out, int at, int columns) {
    for (int i = 0; i < columns; i++) {
      out[at + i] += weight * row[i];
    }
  }
}
