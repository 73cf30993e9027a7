package dev.varve.eviction.budget;

import java.util.Optional;

/** Divides places among layers. An immutable value, safe for many threads. */
public interface LayerAllocator {

  /**
   * Places of each layer, for all its heads together, from 0 to heads times {@link
   * Demand#candidates}; they add up to {@link Demand#total} unless the allocator says otherwise.
   */
  long[] allocate(Demand demand);

  /** Why it cannot divide places among so many layers, as a sentence; empty if it can. */
  default Optional<String> unfit(int layers) {
    return Optional.empty();
  }
}
