package dev.varve.eviction.budget;

/** Divides the places of one layer among its KV heads. An immutable value. */
public interface HeadAllocator {

  /** Places of each head of {@code layer}: {@code total} together, none above the candidates. */
  int[] allocate(Demand demand, int layer, long total);
}
