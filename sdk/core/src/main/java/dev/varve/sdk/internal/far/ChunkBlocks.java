package dev.varve.sdk.internal.far;

import dev.varve.sdk.internal.CacheParts;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Chunk;
import dev.varve.store.hot.BlockLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Shows raw blocks of claimed chunks: in place under a lease where they are hot, else as a checked
 * copy in memory of its own. For one thread.
 */
public final class ChunkBlocks implements AutoCloseable {

  private final CacheParts parts;
  private final BlockLease lease;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment landing;

  public ChunkBlocks(CacheParts parts) {
    this.parts = parts;
    this.lease = parts.tiers().hot().newLease();
    this.landing = arena.allocate(parts.tiers().geometry().largestBlock(), BlockGeometry.ALIGNMENT);
  }

  /**
   * Shows the block of {@code layer}, which has one of its own.
   *
   * @param use given the block until it returns
   * @return false if no copy is whole
   */
  public boolean show(Chunk chunk, int layer, Consumer<MemorySegment> use) {
    // A block that others bring near may leave the tier where it was seen, and HOT again.
    do {
      long handle = chunk.hotHandle(layer);
      if (handle != Chunk.NOT_HOT && lease.take(handle)) {
        try {
          parts.counters().hotRead(parts.tiers().geometry().block(layer).bytes());
          use.accept(lease.bytes());
          return true;
        } finally {
          lease.close();
        }
      }
      if (parts.fetcher().read(chunk, layer, landing).isPresent()) {
        use.accept(landing);
        return true;
      }
    } while (chunk.anywhere(layer));
    return false;
  }

  @Override
  public void close() {
    arena.close();
  }
}
