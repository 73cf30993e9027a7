package dev.varve.eviction.score;

import dev.varve.eviction.observe.KvRows;
import dev.varve.eviction.observe.Workspace;

/** Measures of single rows that several scorers share, in double precision. */
final class Rows {
  private Rows() {}

  /** Euclidean lengths of all rows of a head. */
  static float[] norms(KvRows rows, int head, Workspace workspace) {
    float[] values = workspace.head(rows, head);
    float[] norms = new float[rows.tokens()];
    for (int token = 0; token < norms.length; token++) {
      norms[token] = (float) Math.sqrt(dot(values, token, values, token, rows.dim()));
    }
    return norms;
  }

  /** The dot product of row {@code i} of {@code a} with row {@code j} of {@code b}. */
  static double dot(float[] a, int i, float[] b, int j, int dim) {
    double sum = 0;
    for (int c = 0; c < dim; c++) {
      sum += (double) a[i * dim + c] * b[j * dim + c];
    }
    return sum;
  }

  /** The cosine between two rows; 0 where one has no length. */
  static double cosine(float[] a, int i, float[] b, int j, int dim) {
    double lengths = Math.sqrt(dot(a, i, a, i, dim)) * Math.sqrt(dot(b, j, b, j, dim));
    return lengths > 0 ? dot(a, i, b, j, dim) / lengths : 0;
  }
}
