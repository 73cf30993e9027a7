package dev.varve.eviction.head;

import java.util.ArrayList;
import java.util.List;

/**
 * Chooses a model's retrieval heads from how much they copy: RazorAttention (Tang et al., ICLR
 * 2025, arXiv 2407.15891). A KV head scores what the best query head of its group scores. The heads
 * with the most induction and those with the most echo, over all layers together, keep everything;
 * shares are rounded up to whole heads, and equal scores favour the earlier head.
 *
 * @param induction share of all heads to take for looking at what followed an earlier copy
 * @param echo share of all heads to take for looking at earlier copies themselves
 */
public record CopyingHeads(double induction, double echo) {

  public CopyingHeads {
    check("induction", induction);
    check("echo", echo);
  }

  /** The shares of the paper: 14 % by induction and 1 % by echo. */
  public static CopyingHeads published() {
    return new CopyingHeads(0.14, 0.01);
  }

  /**
   * The map of a model.
   *
   * @param layers for each layer the scores of its KV heads
   */
  public HeadMap choose(List<List<CopyScore>> layers) {
    List<CopyScore> all = layers.stream().flatMap(List::stream).toList();
    HeadRanking byInduction = HeadRanking.of(all.stream().map(CopyScore::induction).toList());
    HeadRanking byEcho = HeadRanking.of(all.stream().map(CopyScore::echo).toList());
    int inductionHeads = count(induction, all.size());
    int echoHeads = count(echo, all.size());
    int kvHeads = layers.getFirst().size();
    List<List<Integer>> full = new ArrayList<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      List<Integer> heads = new ArrayList<>();
      for (int head = 0; head < kvHeads; head++) {
        int index = layer * kvHeads + head;
        if (byInduction.rank(index) < inductionHeads || byEcho.rank(index) < echoHeads) {
          heads.add(head);
        }
      }
      full.add(heads);
    }
    return new HeadMap(kvHeads, full);
  }

  private static int count(double share, int heads) {
    return (int) Math.ceil(share * heads - 1e-9);
  }

  private static void check(String name, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(name + " must lie between 0 and 1: " + share);
    }
  }
}
