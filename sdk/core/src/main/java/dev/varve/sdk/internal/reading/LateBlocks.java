package dev.varve.sdk.internal.reading;

import dev.varve.offload.BlockFetcher;
import dev.varve.offload.ChunkOrders;
import dev.varve.offload.Doorbell;
import dev.varve.offload.Mover;
import dev.varve.offload.Place;
import dev.varve.offload.Tiers;
import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import dev.varve.store.hot.HotPool;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Blocks that steps went on without, to be made hot behind them. Unlike announced prompts they take
 * the place of the coldest blocks, claimed or not: a session chose them just now. Holds no claim
 * while a block waits. Thread-safe.
 */
public final class LateBlocks {

  private static final int BLOCKS_A_CALL = 16;

  /** Of the hot slots, how many may be asked for at a time: one in so many. */
  private static final int SHARE = 4;

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Mover mover;
  private final BlockFetcher fetcher;
  private final ReadingCounters counters;
  private final Doorbell doorbell;
  private final int most;
  private final Set<Place> waiting = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Place> order = new ConcurrentLinkedQueue<>();

  /**
   * @param doorbell rung when there is something to bring up
   */
  public LateBlocks(
      Tiers tiers,
      ChunkOrders orders,
      Mover mover,
      BlockFetcher fetcher,
      ReadingCounters counters,
      Doorbell doorbell) {
    this.tiers = tiers;
    this.orders = orders;
    this.mover = mover;
    this.fetcher = fetcher;
    this.counters = counters;
    this.doorbell = doorbell;
    this.most = Math.max(1, tiers.hot().slotCount() / SHARE);
  }

  /** Asks for a block; passed over while too many are waited for. */
  void ask(Place place) {
    if (waiting.size() < most && waiting.add(place)) {
      order.add(place);
      doorbell.ring();
    }
  }

  /** Makes some of them hot; returns how many. */
  public int work() {
    int done = 0;
    for (Place place = order.poll(); place != null; place = order.poll()) {
      waiting.remove(place);
      if (bring(place.chunk(), place.layer()) && ++done == BLOCKS_A_CALL) {
        return done;
      }
    }
    return done;
  }

  private boolean bring(Chunk chunk, int layer) {
    if (chunk.in(Tier.HOT, layer) || !chunk.claim()) {
      return false;
    }
    try {
      long[] slot = new long[1];
      return mover.takeHotSlots(slot) == 1 && fill(chunk, layer, slot[0]);
    } finally {
      chunk.unclaim();
    }
  }

  private boolean fill(Chunk chunk, int layer, long slot) {
    HotPool hot = tiers.hot();
    boolean read = false;
    try {
      read = fetcher.read(chunk, layer, hot.filling(slot)).isPresent();
    } finally {
      if (!read) {
        hot.discard(slot);
      }
    }
    if (read) {
      // Before it becomes hot: a block that no order knows of could never leave.
      orders.touched(chunk);
      hot.publish(slot);
      if (tiers.placeFetched(chunk, layer, slot)) {
        counters.broughtUp(tiers.geometry().block(layer).bytes());
      } else {
        hot.retire(slot);
      }
    }
    return read;
  }
}
