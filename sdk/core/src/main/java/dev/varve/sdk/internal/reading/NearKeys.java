package dev.varve.sdk.internal.reading;

import dev.varve.attention.index.KeySpan;
import dev.varve.store.BlockGeometry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies of the keys of a layer's sealed blocks, for an index that scores the keys themselves: they
 * stay where they are while the blocks move. Copies never change, so forks share them. For one
 * thread at a time.
 */
final class NearKeys {

  private static final int ALIGNMENT = 64;

  private final BlockGeometry geometry;
  private final List<MemorySegment> blocks = new ArrayList<>();

  NearKeys(BlockGeometry geometry) {
    this.geometry = geometry;
  }

  /** Copies the keys of a whole block that follows those before. */
  KeySpan add(MemorySegment block) {
    MemorySegment copy = Arena.ofAuto().allocate(geometry.keyBytes(), ALIGNMENT);
    MemorySegment.copy(block, 0, copy, 0, geometry.keyBytes());
    blocks.add(copy);
    return span(blocks.size() - 1);
  }

  /** The keys of a block. */
  KeySpan span(int block) {
    return KeySpan.of(blocks.get(block), geometry, geometry.tokens());
  }

  int count() {
    return blocks.size();
  }

  void truncate(int count) {
    if (count < blocks.size()) {
      blocks.subList(count, blocks.size()).clear();
    }
  }

  NearKeys fork() {
    NearKeys copy = new NearKeys(geometry);
    copy.blocks.addAll(blocks);
    return copy;
  }

  long bytes() {
    return blocks.size() * geometry.keyBytes();
  }
}
