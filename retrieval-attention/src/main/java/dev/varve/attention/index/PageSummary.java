package dev.varve.attention.index;

import dev.varve.store.Dtype;

/**
 * How the keys of a page become one row, and a query the vector whose dot product with that row is
 * the page's score.
 */
interface PageSummary {

  /** Elements of a row. */
  int columns();

  /** Element type in which rows are kept. */
  Dtype dtype();

  /** Adds a key to a page: {@code row} is the page so far, {@code before} keys are in it. */
  void add(float[] row, int before, float[] key);

  /** The row as it is kept: what rounding to {@link #dtype} must not break. */
  void round(float[] row, int keys, float[] kept);

  /** Writes the vector of a query. */
  void query(float[] queries, int from, float[] vector, int to);
}
