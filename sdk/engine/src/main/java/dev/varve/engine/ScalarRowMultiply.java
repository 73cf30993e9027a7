package dev.varve.engine;

/** Converts each row once per batch, then sums in four lanes. */
record ScalarRowMultiply() implements RowMultiply {

  @Override
  public void multiply(Matrix weights, int from, int to, float[] x, int tokens, float[] out) {
    float[] values = new float[weights.columns()];
    for (int row = from; row < to; row++) {
      weights.row(row, values, 0);
      for (int t = 0; t < tokens; t++) {
        out[t * weights.rows() + row] = dot(values, x, t * values.length);
      }
    }
  }

  private static float dot(float[] a, float[] b, int at) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i <= a.length - 4; i += 4) {
      s0 += a[i] * b[at + i];
      s1 += a[i + 1] * b[at + i + 1];
      s2 += a[i + 2] * b[at + i + 2];
      s3 += a[i + 3] * b[at + i + 3];
    }
    for (; i < a.length; i++) {
      s0 += a[i] * b[at + i];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
