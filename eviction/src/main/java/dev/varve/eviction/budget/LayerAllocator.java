package dev.varve.eviction.budget;

/** Divides places among layers. An immutable value, safe for many threads. */
public interface LayerAllocator {

  /**
   * Places of each layer, for all its heads together, from 0 to heads times {@link
   * Demand#candidates}; they add up to {@link Demand#total} unless the allocator says otherwise.
   */
  long[] allocate(Demand demand);
}
