package dev.varve.eviction.observe;

import dev.varve.store.Checks;
import java.util.Arrays;

/** Ascending positions of cached tokens: all from 0 on, or those that earlier evictions left. */
public final class Positions {
  private final int count;
  private final int[] gapped;

  private Positions(int count, int[] gapped) {
    this.count = count;
    this.gapped = gapped;
  }

  /** Positions 0 to {@code count - 1}. */
  public static Positions upTo(int count) {
    return new Positions(Checks.notNegative(count, "count"), new int[0]);
  }

  /** The given positions, not negative and strictly ascending; copied. */
  public static Positions of(int... positions) {
    for (int i = 0; i < positions.length; i++) {
      int least = i == 0 ? 0 : positions[i - 1] + 1;
      if (positions[i] < least) {
        throw new IllegalArgumentException(
            "positions must ascend: " + positions[i] + " where at least " + least + " is due");
      }
    }
    return new Positions(positions.length, positions.clone());
  }

  /** How many there are. */
  public int count() {
    return count;
  }

  /** The position of a token. */
  public int at(int token) {
    return gapped.length == 0 ? token : gapped[token];
  }

  /** How many of them are at most {@code position}. */
  public int countUpTo(int position) {
    if (gapped.length == 0) {
      return Math.clamp(position + 1L, 0, count);
    }
    int found = Arrays.binarySearch(gapped, position);
    return found >= 0 ? found + 1 : -found - 1;
  }
}
