package dev.varve.store;

import java.lang.foreign.MemorySegment;

/** Looks at a stored block in place. */
@FunctionalInterface
public interface BlockReader {

  /**
   * Called at most once, with checked bytes.
   *
   * @param payload valid until this method returns, read-only, at any alignment; must not be kept
   */
  void read(BlockHeader header, MemorySegment payload);
}
