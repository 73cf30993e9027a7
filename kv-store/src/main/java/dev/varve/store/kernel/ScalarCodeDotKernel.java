package dev.varve.store.kernel;

import java.lang.foreign.ValueLayout;

/** Sums in double precision, code by code. */
final class ScalarCodeDotKernel implements CodeDotKernel {

  @Override
  public void multiply(CodeRows rows, FloatRows vectors, FloatRows out) {
    int columns = rows.columns();
    vectors.require(vectors.rows(), columns, "vectors");
    out.require(vectors.rows(), rows.rows(), "out");
    for (int r = 0; r < rows.rows(); r++) {
      for (int v = 0; v < vectors.rows(); v++) {
        double sum = 0;
        for (int i = 0; i < columns; i++) {
          sum += (double) code(rows, r, i) * vectors.values()[vectors.offset(v) + i];
        }
        out.values()[out.offset(v) + r] = (float) sum;
      }
    }
  }

  private static int code(CodeRows rows, int row, int column) {
    if (rows.bits() == Byte.SIZE) {
      return rows.bytes().get(ValueLayout.JAVA_BYTE, rows.offset(row) + column);
    }
    int plane = rows.columns() / 2;
    byte packed = rows.bytes().get(ValueLayout.JAVA_BYTE, rows.offset(row) + column % plane);
    return column < plane ? packed & 0xf : (packed >>> 4) & 0xf;
  }
}
