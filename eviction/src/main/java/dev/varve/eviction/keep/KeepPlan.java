package dev.varve.eviction.keep;

import java.util.List;

/**
 * What is kept, decided and not yet done. A value: nothing changes until somebody applies it.
 *
 * @param tokens tokens before
 * @param layers for each layer its KV heads
 * @param renumbered whether keys are to be turned to positions 0, 1, 2 and so on
 */
public record KeepPlan(int tokens, List<List<HeadKeep>> layers, boolean renumbered) {

  public KeepPlan {
    layers = layers.stream().map(List::copyOf).toList();
  }

  /** One head. */
  public HeadKeep head(int layer, int head) {
    return layers.get(layer).get(head);
  }

  /** Rows of all heads that attention reads. */
  public long slots() {
    return layers.stream().flatMap(List::stream).mapToLong(HeadKeep::slots).sum();
  }
}
