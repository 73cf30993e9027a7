package dev.varve.sdk.internal;

import dev.varve.offload.Tiers;
import dev.varve.offload.transfer.FetchTally;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads and checks the far blocks of one match. As many become hot as half of HOT holds, and as
 * HOST has room for what they push out; the others are read into a few slots and stay where they
 * are, so that a long match does not push everybody else's blocks out. For one thread.
 */
final class FarBlocks implements AutoCloseable {

  /** Blocks read at once: megabytes where blocks have the usual hundreds of kilobytes. */
  private static final int AT_ONCE = 16;

  private final CacheParts parts;
  private final HotSlots slots;
  private final FetchTally tally;
  private int mayBecomeHot;
  private long[] landing = {};

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

  /** Whether the blocks are whole, as far as that can be known without reading them from afar. */
  boolean check(Chunk chunk, List<Integer> layers) {
    List<Integer> far = layers.stream().filter(layer -> !near(chunk, layer)).toList();
    int hot = Math.min(mayBecomeHot, far.size());
    mayBecomeHot -= hot;
    for (int from = 0; from < hot; ) {
      long[] handles = slots.takeUpTo(Math.min(AT_ONCE, hot - from));
      if (!bringNear(chunk, far.subList(from, from + handles.length), handles)) {
        return false;
      }
      from += handles.length;
    }
    return look(chunk, far.subList(hot, far.size()));
  }

  private static boolean near(Chunk chunk, int layer) {
    return chunk.in(Tier.HOT, layer) || chunk.in(Tier.HOST, layer);
  }

  private boolean look(Chunk chunk, List<Integer> layers) {
    if (landing.length == 0 && !layers.isEmpty()) {
      landing = slots.takeUpTo(Math.min(AT_ONCE, layers.size()));
    }
    for (int from = 0; from < layers.size(); from += landing.length) {
      int to = Math.min(layers.size(), from + landing.length);
      List<Integer> some = layers.subList(from, to);
      List<Boolean> found = read(chunk, some, landing);
      for (int i = 0; i < some.size(); i++) {
        if (!found.get(i) && !chunk.in(Tier.HOT, some.get(i))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean bringNear(Chunk chunk, List<Integer> layers, long[] handles) {
    HotPool pool = parts.tiers().hot();
    List<Boolean> found = read(chunk, layers, handles);
    boolean whole = true;
    for (int i = 0; i < handles.length; i++) {
      if (!found.get(i)) {
        pool.discard(handles[i]);
        whole &= chunk.in(Tier.HOT, layers.get(i));
        continue;
      }
      pool.publish(handles[i]);
      if (!parts.tiers().placeFetched(chunk, layers.get(i), handles[i])) {
        pool.retire(handles[i]);
      }
    }
    return whole;
  }

  private List<Boolean> read(Chunk chunk, List<Integer> layers, long[] handles) {
    List<MemorySegment> targets = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      targets.add(parts.tiers().hot().filling(handles[i]));
    }
    tally.start();
    List<Boolean> found = parts.fetcher().readAll(chunk, layers, targets);
    tally.end(Collections.frequency(found, true));
    return found;
  }

  @Override
  public void close() {
    for (long handle : landing) {
      parts.tiers().hot().discard(handle);
    }
  }
}
