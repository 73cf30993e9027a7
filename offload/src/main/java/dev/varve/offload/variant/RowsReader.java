package dev.varve.offload.variant;

import dev.varve.compression.EncodedHeads;
import java.lang.foreign.MemorySegment;

/**
 * Looks at the rows of a stored block without having it written out, where that can be. One of the
 * two is called, at most once, with checked bytes.
 */
public interface RowsReader {

  /**
   * The raw block: where it lies, at any alignment and read-only, or decoded to memory of the
   * caller.
   *
   * @param block valid until this method returns; must not be kept
   */
  void raw(MemorySegment block);

  /**
   * The block in an encoding whose rows can be read one head at a time.
   *
   * @param heads turned to the block until this method returns
   */
  void encoded(EncodedHeads heads);
}
