package dev.varve.sdk.internal.reading;

import dev.varve.offload.Place;
import dev.varve.offload.ReadAhead;
import dev.varve.sdk.LostBlockException;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.HotSlots;
import dev.varve.sdk.reading.Deadline;
import dev.varve.store.Chunk;
import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that a session chose, one at a time under a lease. What is not hot is brought up and
 * stays hot, for it is likely to be chosen again, as long as the deadline allows; the lower copies
 * stay too. Blocks that were too late are asked for behind the step. For one thread at a time.
 */
final class ChosenBlocks implements AutoCloseable {

  private final CacheParts parts;
  private final HotPool hot;
  private final ReadingCounters counters;
  private final Deadline deadline;
  private final ReadAhead ahead;
  private final BlockLease lease;
  private final long landing;
  private final long[] taken = new long[1];
  private final List<Place> late = new ArrayList<>();
  private long unplaced = HotPool.NO_SLOT;
  private long due;

  ChosenBlocks(CacheParts parts, HotSlots slots, Deadline deadline, ReadingCounters counters) {
    this.parts = parts;
    this.hot = parts.tiers().hot();
    this.counters = counters;
    this.deadline = deadline;
    this.ahead = parts.prefetcher().newReadAhead();
    this.lease = hot.newLease();
    this.landing = slots.take(1)[0];
  }

  /** A layer begins to be asked: its deadline runs from here. */
  void begin() {
    switch (deadline) {
      case Deadline.Wait _ -> {}
      case Deadline.Skip(var after) ->
          due = parts.clocks().nanoTime().getAsLong() + after.toNanos();
    }
  }

  /** Whether naming blocks before they are taken has them read meanwhile. */
  boolean readsAhead() {
    return ahead.enabled();
  }

  /** Names blocks that are not hot and will be taken, in this order. */
  void expect(List<Place> far) {
    ahead.expect(far);
  }

  /**
   * The bytes of a block, valid until {@link #end}; null if it was not there in time.
   *
   * @throws LostBlockException if every copy is lost
   */
  @Nullable MemorySegment take(Chunk chunk, int layer) {
    long bytes = parts.tiers().geometry().block(layer).bytes();
    // A block that others bring near may leave the tier where it was seen, and HOT again.
    while (true) {
      long handle = chunk.hotHandle(layer);
      if (handle != Chunk.NOT_HOT && lease.take(handle)) {
        counters.hot(bytes);
        parts.counters().hotRead(bytes);
        parts.orders().touched(chunk);
        return lease.bytes();
      }
      if (late()) {
        counters.skipped();
        late.add(new Place(chunk, layer));
        return null;
      }
      MemorySegment found = fetch(chunk, layer, bytes);
      if (found != null) {
        return found;
      }
      if (!chunk.anywhere(layer)) {
        throw new LostBlockException(
            chunk
                + " layer "
                + layer
                + " can be read from no tier: close the session and open a new one");
      }
    }
  }

  private boolean late() {
    return switch (deadline) {
      case Deadline.Wait _ -> false;
      case Deadline.Skip _ -> parts.clocks().nanoTime().getAsLong() >= due;
    };
  }

  private @Nullable MemorySegment fetch(Chunk chunk, int layer, long bytes) {
    long early = ahead.take(new Place(chunk, layer));
    if (early != HotPool.NO_SLOT) {
      counters.prefetched(bytes);
      parts.counters().readAheadOfNeed();
      return place(chunk, layer, early);
    }
    boolean room = parts.mover().takeHotSlots(taken) == 1;
    long slot = room ? taken[0] : landing;
    MemorySegment target = hot.filling(slot);
    boolean read = false;
    try {
      read = parts.fetcher().read(chunk, layer, target).isPresent();
    } finally {
      if (!read && room) {
        hot.discard(slot);
      }
    }
    if (!read) {
      return null;
    }
    counters.late(bytes);
    return room ? place(chunk, layer, slot) : target;
  }

  /** Makes a filled slot that of the block, or reads it as it is if another came before. */
  private MemorySegment place(Chunk chunk, int layer, long slot) {
    // Before it becomes hot: a block that no order knows of could never leave.
    parts.orders().touched(chunk);
    hot.publish(slot);
    if (!lease.take(slot)) {
      throw new IllegalStateException("a slot that nobody knows of yet was retired");
    }
    if (!parts.tiers().placeFetched(chunk, layer, slot)) {
      unplaced = slot;
    }
    return lease.bytes();
  }

  /** Ends the lease on the block that was taken last. */
  void end() {
    lease.close();
    if (unplaced != HotPool.NO_SLOT) {
      hot.retire(unplaced);
      unplaced = HotPool.NO_SLOT;
    }
  }

  /** The step has ended: what was too late is asked for. */
  void stepOver() {
    end();
    ahead.clear();
    for (int i = 0; i < late.size(); i++) {
      parts.late().ask(late.get(i));
    }
    late.clear();
  }

  @Override
  public void close() {
    end();
    ahead.close();
    hot.discard(landing);
  }
}
