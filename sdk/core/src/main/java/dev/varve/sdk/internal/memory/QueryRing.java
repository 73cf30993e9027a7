package dev.varve.sdk.internal.memory;

import dev.varve.sdk.forgetting.Forgetting;
import java.util.Arrays;

/**
 * The newest queries of one layer, by position. A step that is aborted leaves gaps, which {@link
 * #newest} does not reach across. For one thread at a time; allocates nothing after it was made.
 */
final class QueryRing {

  private static final int FIRST_SIZE = 256;

  private final int width;
  private final boolean grows;
  private float[] rows;
  private int[] positions;

  /**
   * @param size queries to keep; {@link Forgetting#EVERY_QUERY} for all
   * @param width floats of one token's queries
   */
  QueryRing(int size, int width) {
    this.width = width;
    this.grows = size == Forgetting.EVERY_QUERY;
    int first = grows ? FIRST_SIZE : size;
    this.rows = new float[Math.multiplyExact(first, width)];
    this.positions = new int[first];
    Arrays.fill(positions, -1);
  }

  /** Notes the queries of {@code count} tokens from {@code position} on. */
  void note(float[] queries, int position, int count) {
    if (grows && position + count > positions.length) {
      grow(position + count);
    }
    for (int t = Math.max(0, count - positions.length); t < count; t++) {
      int at = (position + t) % positions.length;
      System.arraycopy(queries, t * width, rows, at * width, width);
      positions[at] = position + t;
    }
  }

  /** As long as nothing was overwritten, a query's place is its position. */
  private void grow(int least) {
    int before = positions.length;
    int size = Math.max(2 * before, least);
    rows = Arrays.copyOf(rows, Math.multiplyExact(size, width));
    positions = Arrays.copyOf(positions, size);
    Arrays.fill(positions, before, size, -1);
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
    QueryRing copy = new QueryRing(grows ? Forgetting.EVERY_QUERY : 0, width);
    copy.rows = rows.clone();
    copy.positions = positions.clone();
    return copy;
  }
}
