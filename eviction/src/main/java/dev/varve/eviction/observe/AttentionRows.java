package dev.varve.eviction.observe;

import dev.varve.store.Checks;

/**
 * Attention that an engine has computed: for each query head the weights of the newest queries over
 * all tokens, 0 where a query sees nothing.
 *
 * @param values {@code [heads][count][tokens]}, oldest query first; borrowed
 * @param heads query heads
 * @param count queries
 * @param tokens tokens
 */
@SuppressWarnings("ArrayRecordComponent") // rows are borrowed, never compared
public record AttentionRows(float[] values, int heads, int count, int tokens) {

  /** How far the sum of a row may be from 1: weights may have passed through 16 bits. */
  public static final double TOLERANCE = 0.01;

  public AttentionRows {
    Checks.positive(heads, "heads");
    Checks.positive(count, "count");
    Checks.positive(tokens, "tokens");
    if (values.length != (long) heads * count * tokens) {
      throw new IllegalArgumentException(
          "%d attention rows of %d tokens are %d floats, given are %d"
              .formatted(heads * count, tokens, (long) heads * count * tokens, values.length));
    }
    for (int row = 0; row < heads * count; row++) {
      check(values, row, tokens, "head " + row / count + ", row " + row % count);
    }
  }

  /** Where the row of {@code head} begins for the query that is {@code age} before the newest. */
  public int offset(int head, int age) {
    return (head * count + count - 1 - age) * tokens;
  }

  private static void check(float[] values, int row, int tokens, String place) {
    double sum = 0;
    for (int i = row * tokens; i < (row + 1) * tokens; i++) {
      if (!(values[i] >= 0)) {
        throw new IllegalArgumentException(
            "attention weights must be 0 or more: %s holds %s".formatted(place, values[i]));
      }
      sum += values[i];
    }
    if (!(Math.abs(sum - 1) <= TOLERANCE)) {
      throw new IllegalArgumentException(
          "an attention row must sum to 1, give or take %s: %s sums to %s"
              .formatted(TOLERANCE, place, sum));
    }
  }
}
