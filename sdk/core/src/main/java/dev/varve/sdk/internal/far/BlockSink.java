package dev.varve.sdk.internal.far;

import dev.varve.compression.EncodedHeads;
import java.lang.foreign.MemorySegment;

/** Attends to one block that is shown to it, once. */
public interface BlockSink {

  /** Queries that attend to the block, over all KV heads. */
  int queries();

  /** Whether only some rows are attended. */
  boolean chosenRows();

  /** Attends to a raw block; valid during the call. */
  void raw(MemorySegment block);

  /** Attends to an encoded block, turned to it during the call. */
  void encoded(EncodedHeads heads);
}
