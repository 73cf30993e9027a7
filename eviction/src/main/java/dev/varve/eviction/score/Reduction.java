package dev.varve.eviction.score;

/** How the query heads of a group vote for the KV head that they share. */
public enum Reduction {
  /** The average; the same order as the sum. */
  MEAN,
  /** The largest. */
  MAX,
  /** The sum. */
  SUM;

  /**
   * Reduces {@code [queryHeads][tokens]} to {@code [kvHeads][tokens]}: query head {@code h} votes
   * for KV head {@code floor(h / group)}. Overwrites the first row of each group.
   */
  float[][] reduce(float[][] perQueryHead, int group) {
    float[][] reduced = new float[perQueryHead.length / group][];
    for (int head = 0; head < reduced.length; head++) {
      float[] row = perQueryHead[head * group];
      for (int other = 1; other < group; other++) {
        add(row, perQueryHead[head * group + other]);
      }
      if (this == MEAN) {
        for (int i = 0; i < row.length; i++) {
          row[i] /= group;
        }
      }
      reduced[head] = row;
    }
    return reduced;
  }

  private void add(float[] row, float[] other) {
    if (this == MAX) {
      for (int i = 0; i < row.length; i++) {
        row[i] = Math.max(row[i], other[i]);
      }
    } else {
      for (int i = 0; i < row.length; i++) {
        row[i] += other[i];
      }
    }
  }
}
