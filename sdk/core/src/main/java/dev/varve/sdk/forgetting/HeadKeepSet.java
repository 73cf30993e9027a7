package dev.varve.sdk.forgetting;

import java.util.List;

/**
 * What one KV head remembers.
 *
 * @param rows indexes of the rows of its history that stay as they are, ascending
 * @param merged rows that take the place of others, ascending by their last position
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; borrowed until it is applied
public record HeadKeepSet(int[] rows, List<MergedRow> merged) {

  public HeadKeepSet {
    rows = rows.clone();
    merged = List.copyOf(merged);
    for (int i = 1; i < rows.length; i++) {
      if (rows[i] <= rows[i - 1]) {
        throw new IllegalArgumentException(
            "kept rows must ascend: row " + rows[i] + " follows row " + rows[i - 1]);
      }
    }
    for (int i = 1; i < merged.size(); i++) {
      if (merged.get(i).last() < merged.get(i - 1).last()) {
        throw new IllegalArgumentException(
            "merged rows must ascend: position "
                + merged.get(i).last()
                + " follows "
                + merged.get(i - 1).last());
      }
    }
  }

  /** Keeps {@code rows} and merges nothing. */
  public static HeadKeepSet of(int... rows) {
    return new HeadKeepSet(rows, List.of());
  }

  /** Rows that will be stored. */
  public int size() {
    return rows.length + merged.size();
  }
}
