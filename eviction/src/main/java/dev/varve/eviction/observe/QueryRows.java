package dev.varve.eviction.observe;

import dev.varve.store.Checks;

/**
 * Queries of consecutive positions after RoPE, as many as somebody kept.
 *
 * @param values {@code [heads][count][dim]}; borrowed, not to be changed while observed
 * @param heads query heads
 * @param count positions; may be 0
 * @param dim elements of a query
 * @param first position of the first query; row {@code i} belongs to position {@code first + i}
 */
@SuppressWarnings("ArrayRecordComponent") // rows are borrowed, never compared
public record QueryRows(float[] values, int heads, int count, int dim, int first) {

  public QueryRows {
    Checks.notNegative(count, "count");
    Checks.notNegative(first, "first");
    if (values.length != (long) heads * count * dim) {
      throw new IllegalArgumentException(
          "%d heads of %d queries of %d elements are %d floats, given are %d"
              .formatted(heads, count, dim, (long) heads * count * dim, values.length));
    }
  }

  /** No queries at all. */
  public static QueryRows none() {
    return new QueryRows(new float[0], 0, 0, 0, 0);
  }

  /** Where the query of {@code head} in row {@code row} begins. */
  public int offset(int head, int row) {
    return (head * count + row) * dim;
  }
}
