package dev.varve.offload;

import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes room in the tiers below HOT: what leaves a tier is held farther away first, or belongs to
 * no session. For the one thread that moves blocks.
 */
final class Room {

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final CopyDown copies;
  private final Counters counters;
  private final Tenancy tenancy;

  Room(Tiers tiers, ChunkOrders orders, CopyDown copies, Counters counters, Tenancy tenancy) {
    this.tiers = tiers;
    this.orders = orders;
    this.copies = copies;
    this.counters = counters;
    this.tenancy = tenancy;
  }

  /** Tries to have {@code bytes} free in tier {@code index} of the lower tiers. */
  void make(int index, long bytes) {
    BlockTier tier = tiers.lower().get(index);
    TierUsage usage = tier.usage();
    long missing = usage.usedBytes() + bytes - usage.capacityBytes();
    if (missing <= 0) {
      return;
    }
    TierOrder order = orders.of(tier.tier());
    if (order == null) {
      reclaim(tier, missing);
    } else {
      sink(index, order, missing);
    }
  }

  /** Has chunks leave in the tier's order; what no deeper tier holds is carried there first. */
  private void sink(int index, TierOrder order, long missing) {
    BlockTier tier = tiers.lower().get(index);
    List<Chunk> leavers = new ArrayList<>();
    List<Place> leaving = leaving(tier, order, missing, leavers);
    List<Place> toCarry = leaving.stream().filter(place -> !place.heldBelow(tier.tier())).toList();
    if (!toCarry.isEmpty() && index + 1 < tiers.lower().size()) {
      BlockTier next = tiers.lower().get(index + 1);
      long largest = tiers.geometry().largestBlock();
      make(index + 1, toCarry.size() * next.footprint(Math.toIntExact(largest)));
      counters.putsDropped(toCarry.size() - copies.carryIfPossible(toCarry, next));
    }
    remove(tier, leaving);
    for (Chunk chunk : leavers) {
      if (heldIn(tier, chunk)) {
        order.entered(chunk);
      }
    }
  }

  private List<Place> leaving(BlockTier tier, TierOrder order, long bytes, List<Chunk> leavers) {
    List<Place> places = new ArrayList<>();
    long found = 0;
    while (found < bytes) {
      Optional<Chunk> leaver = order.leaver();
      if (leaver.isEmpty()) {
        return places;
      }
      leavers.add(leaver.get());
      for (int layer = 0; layer < leaver.get().layers(); layer++) {
        if (leaver.get().in(tier.tier(), layer)) {
          places.add(new Place(leaver.get(), layer));
          found += tier.footprint(Math.toIntExact(payloadBytes(layer)));
        }
      }
    }
    return places;
  }

  private static boolean heldIn(BlockTier tier, Chunk chunk) {
    for (int layer = 0; layer < chunk.layers(); layer++) {
      if (chunk.in(tier.tier(), layer)) {
        return true;
      }
    }
    return false;
  }

  private long payloadBytes(int layer) {
    int known = tiers.geometry().blocks().size();
    return tiers.geometry().block(Math.min(layer, known - 1)).bytes();
  }

  private void reclaim(BlockTier tier, long missing) {
    List<Place> leaving = new ArrayList<>();
    for (BlockKey key : tier.reclaimable(missing)) {
      @Nullable Chunk chunk = tiers.catalog().peek(key.chunk());
      if (chunk != null) {
        leaving.add(new Place(chunk, key.layer()));
      }
    }
    remove(tier, leaving);
  }

  /**
   * Drops copies in {@code tier}. Where that was the last one, the whole chunk is forgotten, unless
   * a session claims it or its tenant has this room for itself: then the copy stays.
   */
  private void remove(BlockTier tier, List<Place> places) {
    List<BlockKey> keys = new ArrayList<>();
    for (Place place : places) {
      Chunk chunk = place.chunk();
      boolean elsewhere = place.heldBelow(tier.tier()) || chunk.in(Tier.HOT, place.layer());
      if (tenancy.keeps(chunk) && (!elsewhere || Tiers.durable(tier.tier()))) {
        continue;
      }
      if (elsewhere) {
        chunk.drop(place.layer(), tier.tier());
        keys.add(place.key());
      } else {
        forget(chunk);
      }
    }
    tier.remove(keys);
  }

  /**
   * Drops all of {@code chunk} unless a session claims it; returns how many hot slots that freed.
   */
  int forget(Chunk chunk) {
    if (!tiers.catalog().forget(chunk)) {
      return 0;
    }
    orders.forgotten(chunk);
    tenancy.forgotten(chunk);
    int freed = 0;
    for (int layer = 0; layer < chunk.layers(); layer++) {
      long handle = chunk.hotHandle(layer);
      freed += handle != Chunk.NOT_HOT && tiers.hot().retire(handle) ? 1 : 0;
    }
    for (BlockTier tier : tiers.lower()) {
      List<BlockKey> keys = new ArrayList<>();
      for (int layer = 0; layer < chunk.layers(); layer++) {
        if (chunk.in(tier.tier(), layer)) {
          keys.add(new Place(chunk, layer).key());
        }
      }
      tier.remove(keys);
    }
    return freed;
  }
}
