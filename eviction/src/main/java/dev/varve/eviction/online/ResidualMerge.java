package dev.varve.eviction.online;

import dev.varve.store.Checks;

/**
 * The least attended row between the dense zone and the tail goes into the slot of the dense zone
 * whose key has the largest dot product with its own: ZeroMerge (2025, arXiv 2503.10714) while
 * decoding. The token that a new one pushed out of the tail takes its place among the others and
 * does not go at once, whatever its attention. Where the dense zone is empty, the first row begins
 * one.
 *
 * @param sinks first rows, which stay
 * @param tail newest rows that stay, the new one included
 * @param alpha a slot of {@code c} tokens counts {@code c^alpha} times; above 0, or the count would
 *     be lost
 */
public record ResidualMerge(int sinks, int tail, double alpha) implements OnlineEviction {

  public ResidualMerge {
    Checks.notNegative(sinks, "sinks");
    Checks.notNegative(tail, "tail");
    if (!(alpha > 0 && alpha <= 1)) {
      throw new IllegalArgumentException(
          "slots that take up more while decoding need an alpha above 0 and at most 1: " + alpha);
    }
  }

  @Override
  public int leaves(HeadRowsView head) {
    return LeastRow.of(head, sinks, head.rows() - tail - 1);
  }

  @Override
  public int heir(HeadRowsView head, int leaving) {
    int best = NONE;
    float most = Float.NEGATIVE_INFINITY;
    for (int row = 0; row < head.rows(); row++) {
      if (row != leaving && head.merged(row)) {
        float product = head.keyProduct(row, leaving);
        if (best == NONE || product > most) {
          best = row;
          most = product;
        }
      }
    }
    if (best != NONE || head.rows() == 1) {
      return best;
    }
    return leaving == 0 ? 1 : 0;
  }

  @Override
  public float weight(double count) {
    return (float) Math.pow(count, alpha);
  }

  @Override
  public double count(float weight) {
    return Math.pow(weight, 1 / alpha);
  }
}
