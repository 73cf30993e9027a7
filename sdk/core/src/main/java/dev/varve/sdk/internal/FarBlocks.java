package dev.varve.sdk.internal;

import dev.varve.offload.Tiers;
import dev.varve.offload.transfer.FetchTally;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import dev.varve.store.hot.HotPool;

/**
 * Reads and checks the far blocks of one match. As many become hot as half of HOT holds, and as
 * HOST has room for what they push out; the others are read into one slot and stay where they are,
 * so that a long match does not push everybody else's blocks out. For one thread.
 */
final class FarBlocks implements AutoCloseable {

  private final CacheParts parts;
  private final HotSlots slots;
  private final FetchTally tally;
  private int mayBecomeHot;
  private long landing = HotPool.NO_SLOT;

  FarBlocks(CacheParts parts, HotSlots slots, FetchTally tally) {
    this.parts = parts;
    this.slots = slots;
    this.tally = tally;
    this.mayBecomeHot = parts.tiers().hot().slotCount() / 2 + roomInHost(parts.tiers());
  }

  private static int roomInHost(Tiers tiers) {
    for (BlockTier tier : tiers.lower()) {
      if (tier.tier() == Tier.HOST) {
        TierUsage usage = tier.usage();
        long block = tier.footprint(Math.toIntExact(tiers.geometry().largestBlock()));
        long blocks = (usage.capacityBytes() - usage.usedBytes()) / block;
        return Math.clamp(blocks, 0, Integer.MAX_VALUE / 2);
      }
    }
    return 0;
  }

  /** Whether the block is whole, as far as that can be known without reading it from afar. */
  boolean check(Chunk chunk, int layer) {
    if (chunk.in(Tier.HOT, layer) || chunk.in(Tier.HOST, layer)) {
      return true;
    }
    if (mayBecomeHot == 0) {
      return look(chunk, layer);
    }
    mayBecomeHot--;
    return bringNear(chunk, layer);
  }

  private boolean look(Chunk chunk, int layer) {
    if (landing == HotPool.NO_SLOT) {
      landing = slots.take(1)[0];
    }
    return read(chunk, layer, landing) || chunk.in(Tier.HOT, layer);
  }

  private boolean bringNear(Chunk chunk, int layer) {
    HotPool pool = parts.tiers().hot();
    long handle = slots.take(1)[0];
    if (!read(chunk, layer, handle)) {
      pool.discard(handle);
      return chunk.in(Tier.HOT, layer);
    }
    pool.publish(handle);
    if (!parts.tiers().placeFetched(chunk, layer, handle)) {
      pool.retire(handle);
    }
    return true;
  }

  private boolean read(Chunk chunk, int layer, long handle) {
    tally.start();
    boolean found =
        parts.fetcher().read(chunk, layer, parts.tiers().hot().filling(handle)).isPresent();
    if (found) {
      tally.end();
    }
    return found;
  }

  @Override
  public void close() {
    if (landing != HotPool.NO_SLOT) {
      parts.tiers().hot().discard(landing);
    }
  }
}
