package dev.varve.store.kernel;

/** Sums in double precision, element by element. */
final class ScalarDotKernel implements DotKernel {
  private final ScalarRowLoader loader = new ScalarRowLoader();

  @Override
  public void multiply(StoredRows rows, FloatRows vectors, FloatRows out) {
    int columns = rows.columns();
    vectors.require(vectors.rows(), columns, "vectors");
    out.require(vectors.rows(), rows.rows(), "out");
    for (int r = 0; r < rows.rows(); r++) {
      float[] row = loader.load(rows, r);
      for (int v = 0; v < vectors.rows(); v++) {
        out.values()[out.offset(v) + r] = dot(row, vectors.values(), vectors.offset(v), columns);
      }
    }
  }

  private static float dot(float[] row, float[] vector, int at, int columns) {
    double sum = 0;
    for (int i = 0; i < columns; i++) {
      sum += (double) row[i] * vector[at + i];
    }
    return (float) sum;
  }
}
