package dev.varve.sdk.internal.memory;

import java.util.Arrays;

/**
 * The newest queries of one layer, by position. A step that is aborted leaves gaps, which {@link
 * #newest} does not reach across. For one thread at a time; allocates nothing after it was made.
 */
final class QueryRing {

  private final int width;
  private final float[] rows;
  private final int[] positions;

  /**
   * @param size queries to keep
   * @param width floats of one token's queries
   */
  QueryRing(int size, int width) {
    this.width = width;
    this.rows = new float[Math.multiplyExact(size, width)];
    this.positions = new int[size];
    Arrays.fill(positions, -1);
  }

  /** Notes the queries of {@code count} tokens from {@code position} on. */
  void note(float[] queries, int position, int count) {
    for (int t = Math.max(0, count - positions.length); t < count; t++) {
      int at = (position + t) % positions.length;
      System.arraycopy(queries, t * width, rows, at * width, width);
      positions[at] = position + t;
    }
  }

  /** How many of the tokens right before {@code end} are at hand without a gap. */
  int newest(int end) {
    int count = 0;
    while (count < positions.length
        && end - count > 0
        && positions[(end - 1 - count) % positions.length] == end - 1 - count) {
      count++;
    }
    return count;
  }

  /** Copies the {@code count} queries right before {@code end}, oldest first. */
  float[] copy(int end, int count) {
    float[] copy = new float[count * width];
    for (int i = 0; i < count; i++) {
      int at = (end - count + i) % positions.length;
      System.arraycopy(rows, at * width, copy, i * width, width);
    }
    return copy;
  }

  /** A copy of the ring. */
  QueryRing fork() {
    QueryRing copy = new QueryRing(positions.length, width);
    System.arraycopy(rows, 0, copy.rows, 0, rows.length);
    System.arraycopy(positions, 0, copy.positions, 0, positions.length);
    return copy;
  }
}
