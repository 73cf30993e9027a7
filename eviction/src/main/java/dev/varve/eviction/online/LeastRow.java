package dev.varve.eviction.online;

/** Finds the row with the least attention. */
final class LeastRow {
  private LeastRow() {}

  /**
   * The row of {@code [from, to)} that stands for one token and has the least attention, the later
   * one of equals; the first behind {@code from} where there is none.
   */
  static int of(HeadRowsView head, int from, int to) {
    int least = OnlineEviction.NONE;
    for (int row = from; row < Math.min(to, head.rows()); row++) {
      if (!head.merged(row)
          && (least == OnlineEviction.NONE || head.attention(row) <= head.attention(least))) {
        least = row;
      }
    }
    return least == OnlineEviction.NONE ? Math.min(from, head.rows() - 1) : least;
  }
}
