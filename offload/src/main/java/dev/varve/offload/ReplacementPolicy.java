package dev.varve.offload;

import dev.varve.store.Chunk;
import java.util.function.Predicate;

/** Decides which chunks are carried away first when a tier runs out of room. Thread-safe. */
public interface ReplacementPolicy {

  /** Notes that {@code chunk} was sealed or matched. */
  void touched(Chunk chunk);

  /** Forgets {@code chunk}, which no tier holds any more. */
  void removed(Chunk chunk);

  /**
   * Offers chunks, the one to go first before the others, until {@code enough} says true or none is
   * left.
   */
  void victims(Predicate<Chunk> enough);
}
