package dev.varve.sdk.internal;

import dev.varve.offload.Place;
import dev.varve.offload.ReadAhead;
import dev.varve.sdk.LostBlockException;
import dev.varve.sdk.internal.far.BlockSink;
import dev.varve.sdk.internal.far.FarAttention;
import dev.varve.store.Chunk;
import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Shows sealed blocks one at a time: in place under a lease where they are hot, else as a checked
 * copy in a hot slot that belongs to the session: one that was read ahead, or the one where far
 * blocks land. For one thread at a time.
 */
final class BlockView implements AutoCloseable {

  private final CacheParts parts;
  private final BlockLease lease;
  private final ReadAhead ahead;
  private final FarAttention far;
  private final long landing;
  private long early = HotPool.NO_SLOT;

  BlockView(CacheParts parts, HotSlots slots) {
    this.parts = parts;
    this.ahead = parts.prefetcher().newReadAhead();
    this.far =
        new FarAttention(
            parts.tiers(), parts.fetcher(), parts.farPlanner(), parts.clocks().nanoTime());
    this.lease = parts.tiers().hot().newLease();
    this.landing = slots.take(1)[0];
  }

  /**
   * Has {@code sink} attend to the block: in place where it is hot, from a copy that was read
   * ahead, or far away by the cheaper way. {@link #end} comes after it.
   *
   * @throws LostBlockException if every copy is lost
   */
  void attend(Chunk chunk, int layer, BlockSink sink) {
    // A block that others bring near may leave the tier where it was seen, and HOT again.
    while (true) {
      if (lease.take(hotHandle(chunk, layer))) {
        hotRead(layer);
        sink.raw(lease.bytes());
        return;
      }
      early = ahead.take(new Place(chunk, layer));
      if (early != HotPool.NO_SLOT) {
        parts.counters().readAheadOfNeed();
        sink.raw(parts.tiers().hot().filling(early));
        return;
      }
      if (far.attend(chunk, layer, parts.tiers().hot().filling(landing), sink)) {
        return;
      }
      if (!chunk.anywhere(layer)) {
        throw lost(chunk, layer);
      }
    }
  }

  /** Counts a block of {@code layer} as read where it is hot. */
  void hotRead(int layer) {
    parts.counters().hotRead(parts.tiers().geometry().block(layer).bytes());
  }

  private static LostBlockException lost(Chunk chunk, int layer) {
    return new LostBlockException(
        chunk
            + " layer "
            + layer
            + " can be read from no tier: close the session and open a new one");
  }

  /** The bytes of the block, valid until {@link #end}; throws if every copy is lost. */
  MemorySegment show(Chunk chunk, int layer) {
    return find(chunk, layer).orElseThrow(() -> lost(chunk, layer));
  }

  /** The bytes of the block, valid until {@link #end}; empty if every copy is lost. */
  Optional<MemorySegment> find(Chunk chunk, int layer) {
    // A block that others bring near may leave the tier where it was seen, and HOT again.
    while (true) {
      Optional<MemorySegment> found = look(chunk, layer);
      if (found.isPresent() || !chunk.anywhere(layer)) {
        return found;
      }
    }
  }

  private Optional<MemorySegment> look(Chunk chunk, int layer) {
    if (lease.take(hotHandle(chunk, layer))) {
      hotRead(layer);
      return Optional.of(lease.bytes());
    }
    early = ahead.take(new Place(chunk, layer));
    if (early != HotPool.NO_SLOT) {
      parts.counters().readAheadOfNeed();
      return Optional.of(parts.tiers().hot().filling(early));
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
    if (early != HotPool.NO_SLOT) {
      parts.tiers().hot().discard(early);
      early = HotPool.NO_SLOT;
    }
  }

  /** What is read ahead for this view. */
  ReadAhead ahead() {
    return ahead;
  }

  private static long hotHandle(Chunk chunk, int layer) {
    long handle = chunk.hotHandle(layer);
    return handle == Chunk.NOT_HOT ? HotPool.NO_SLOT : handle;
  }

  @Override
  public void close() {
    end();
    ahead.close();
    parts.tiers().hot().discard(landing);
  }
}
