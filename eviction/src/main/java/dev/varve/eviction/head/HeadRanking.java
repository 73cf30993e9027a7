package dev.varve.eviction.head;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Ranks of heads by a score, the largest first, equal scores in the order of the heads. */
final class HeadRanking {
  private final int[] ranks;

  private HeadRanking(int[] ranks) {
    this.ranks = ranks;
  }

  static HeadRanking of(List<Double> scores) {
    int[] order =
        IntStream.range(0, scores.size())
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -scores.get(i)))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] ranks = new int[order.length];
    for (int rank = 0; rank < order.length; rank++) {
      ranks[order[rank]] = rank;
    }
    return new HeadRanking(ranks);
  }

  /** The rank of a head, 0 for the best. */
  int rank(int head) {
    return ranks[head];
  }
}
