package dev.varve.eviction.budget;

import java.util.Optional;

/** Divides places among layers and KV heads. An immutable value, safe for many threads. */
public interface BudgetAllocator {

  /**
   * Places for tokens that are not protected, {@code [layers][kvHeads]}, each from 0 to {@link
   * Demand#candidates}. They add up to {@link Demand#total} unless the allocator says that it finds
   * the total itself.
   */
  int[][] allocate(Demand demand);

  /** Why it cannot divide places in such a model, as a sentence; empty if it can. */
  default Optional<String> unfit(int layers, int kvHeads) {
    return Optional.empty();
  }
}
