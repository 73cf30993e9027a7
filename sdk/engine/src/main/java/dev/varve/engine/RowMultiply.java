package dev.varve.engine;

/**
 * Multiplies rows of a matrix with a batch of vectors. Every output is one dot product in a fixed
 * order of additions: its bits do not depend on the rows or vectors beside it.
 */
@FunctionalInterface
interface RowMultiply {

  /**
   * Sets {@code out[t * weights.rows() + row]} to the dot product of a row and {@code x[t]}, for
   * rows {@code [from, to)} and dense vectors.
   */
  void multiply(Matrix weights, int from, int to, float[] x, int tokens, float[] out);
}
