package dev.varve.eviction.budget;

import dev.varve.eviction.select.TopTokens;

/** How many of the best tokens of several heads each head holds. */
final class TopCounts {
  private TopCounts() {}

  /**
   * Counts the {@code total} largest scores among the tokens {@code [from, to)} of all rows of all
   * groups; ties go to the earlier group, then row.
   *
   * @param rows {@code [groups][heads][tokens]}
   * @return {@code [groups][heads]}, together {@code total}
   */
  static int[][] of(float[][][] rows, int from, int to, long total) {
    int width = to - from;
    int heads = 0;
    for (float[][] group : rows) {
      heads += group.length;
    }
    float[] all = new float[Math.multiplyExact(heads, width)];
    int at = 0;
    for (float[][] group : rows) {
      for (float[] row : group) {
        System.arraycopy(row, from, all, at, width);
        at += width;
      }
    }
    int[] best = TopTokens.of(all, 0, all.length, Math.toIntExact(total));
    int[][] counts = new int[rows.length][];
    int next = 0;
    int end = 0;
    for (int group = 0; group < rows.length; group++) {
      counts[group] = new int[rows[group].length];
      for (int head = 0; head < counts[group].length; head++) {
        end += width;
        while (next < best.length && best[next] < end) {
          counts[group][head]++;
          next++;
        }
      }
    }
    return counts;
  }
}
