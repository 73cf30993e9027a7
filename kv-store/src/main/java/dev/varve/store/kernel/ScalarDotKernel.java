package dev.varve.store.kernel;

import java.util.Arrays;

/** Element after element, in order. */
final class ScalarDotKernel implements DotKernel {

  private float[] row = {};

  @Override
  public void multiply(StoredRows rows, FloatRows vectors, FloatRows out) {
    int columns = rows.columns();
    vectors.require(vectors.rows(), columns, "vectors");
    out.require(vectors.rows(), rows.rows(), "out");
    row = row.length < columns ? Arrays.copyOf(row, columns) : row;
    DtypeKernel dtype = DtypeKernel.of(Backend.SCALAR, rows.dtype());
    for (int r = 0; r < rows.rows(); r++) {
      dtype.load(rows.bytes(), rows.offset(r), row, 0, columns);
      for (int v = 0; v < vectors.rows(); v++) {
        out.values()[out.offset(v) + r] = dot(row, vectors.values(), vectors.offset(v), columns);
      }
    }
  }

  private static float dot(float[] row, float[] vector, int at, int columns) {
    float sum = 0;
    for (int i = 0; i < columns; i++) {
      sum += row[i] * vector[at + i];
    }
    return sum;
  }
}
