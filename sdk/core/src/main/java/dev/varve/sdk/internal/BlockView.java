package dev.varve.sdk.internal;

import dev.varve.sdk.LostBlockException;
import dev.varve.store.Chunk;
import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Shows sealed blocks one at a time: in place under a lease where they are hot, else as a checked
 * copy in a hot slot of its own that belongs to the session. For one thread at a time.
 */
final class BlockView implements AutoCloseable {

  private final CacheParts parts;
  private final BlockLease lease;
  private final long landing;

  BlockView(CacheParts parts, HotSlots slots) {
    this.parts = parts;
    this.lease = parts.tiers().hot().newLease();
    this.landing = slots.take(1)[0];
  }

  /** The bytes of the block, valid until {@link #end}; throws if every copy is lost. */
  MemorySegment show(Chunk chunk, int layer) {
    return find(chunk, layer)
        .orElseThrow(() ->
            new LostBlockException(
                chunk
                    + " layer "
                    + layer
                    + " can be read from no tier: close the session and open a new one"));
  }

  /** The bytes of the block, valid until {@link #end}; empty if every copy is lost. */
  Optional<MemorySegment> find(Chunk chunk, int layer) {
    if (lease.take(hotHandle(chunk, layer))) {
      parts.counters().hotRead(parts.tiers().geometry().block(layer).bytes());
      return Optional.of(lease.bytes());
    }
    MemorySegment target = parts.tiers().hot().filling(landing);
    if (parts.fetcher().read(chunk, layer, target).isPresent()) {
      return Optional.of(target);
    }
    return Optional.empty();
  }

  /** Ends the view that was shown last. */
  void end() {
    lease.close();
  }

  private static long hotHandle(Chunk chunk, int layer) {
    long handle = chunk.hotHandle(layer);
    return handle == Chunk.NOT_HOT ? HotPool.NO_SLOT : handle;
  }

  @Override
  public void close() {
    lease.close();
    parts.tiers().hot().discard(landing);
  }
}
