package dev.varve.sidecar.lmcache;

import dev.varve.store.BlockGeometry;
import java.lang.foreign.MemorySegment;

/** Turns a slab, token by token, into a block, head by head, and back. */
final class SlabRows {

  private SlabRows() {}

  /** Fills a block. */
  static void toBlock(SlabShape shape, MemorySegment slab, MemorySegment block) {
    copy(shape, slab, block, true);
  }

  /** Fills a slab. */
  static void toSlab(SlabShape shape, MemorySegment block, MemorySegment slab) {
    copy(shape, slab, block, false);
  }

  private static void copy(
      SlabShape shape, MemorySegment slab, MemorySegment block, boolean toBlock) {
    BlockGeometry geometry = shape.block();
    long row = geometry.keyRowBytes();
    for (int token = 0; token < shape.tokens(); token++) {
      for (int head = 0; head < shape.heads(); head++) {
        long inSlab = ((long) token * shape.heads() + head) * row;
        long inBlock = geometry.keyOffset(head, token);
        if (toBlock) {
          MemorySegment.copy(slab, inSlab, block, inBlock, row);
        } else {
          MemorySegment.copy(block, inBlock, slab, inSlab, row);
        }
      }
    }
  }
}
