package dev.varve.offload;

import dev.varve.offload.tenancy.ChunkDropper.Dropped;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Drops chunks from the catalog and all tiers, in batches. For one thread, beside others. */
final class ChunkDrop {

  private static final int BLOCKS_AT_ONCE = 4096;

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Tenancy tenancy;
  private final Underway underway;
  private long chunks;
  private long hotBytes;

  ChunkDrop(Tiers tiers, ChunkOrders orders, Tenancy tenancy, Underway underway) {
    this.tiers = tiers;
    this.orders = orders;
    this.tenancy = tenancy;
    this.underway = underway;
  }

  /** Drops those of {@code keys} that nobody claims. */
  Dropped run(Collection<ChunkKey> keys) {
    long before = lowerBytes();
    List<Chunk> batch = new ArrayList<>();
    int blocks = 0;
    for (ChunkKey key : keys) {
      @Nullable Chunk chunk = tiers.catalog().peek(key);
      if (chunk != null) {
        batch.add(chunk);
        blocks += chunk.layers();
      }
      if (blocks >= BLOCKS_AT_ONCE) {
        dropAlone(batch);
        batch.clear();
        blocks = 0;
      }
    }
    dropAlone(batch);
    return new Dropped(chunks, hotBytes + Math.max(0, before - lowerBytes()));
  }

  /** Nobody may carry a block of these again before it is gone from every tier. */
  private void dropAlone(List<Chunk> batch) {
    List<Place> places = batch.stream().flatMap(chunk -> Place.all(chunk).stream()).toList();
    if (!underway.runAlone(places, () -> drop(batch)) && batch.size() > 1) {
      batch.forEach(chunk -> dropAlone(List.of(chunk)));
    }
  }

  private void drop(List<Chunk> batch) {
    Map<Tier, List<BlockKey>> leaving = new EnumMap<>(Tier.class);
    for (Chunk chunk : batch) {
      if (tiers.catalog().forget(chunk)) {
        drop(chunk, leaving);
      }
    }
    for (BlockTier tier : tiers.lower()) {
      List<BlockKey> keys = leaving.getOrDefault(tier.tier(), List.of());
      if (!keys.isEmpty()) {
        tier.remove(keys);
      }
    }
  }

  private void drop(Chunk chunk, Map<Tier, List<BlockKey>> leaving) {
    chunks++;
    orders.forgotten(chunk);
    tenancy.forgotten(chunk);
    for (Place place : Place.all(chunk)) {
      long handle = chunk.hotHandle(place.layer());
      if (handle != Chunk.NOT_HOT && tiers.hot().retire(handle)) {
        hotBytes += tiers.geometry().block(place.layer()).bytes();
      }
      for (BlockTier tier : tiers.lower()) {
        if (chunk.in(tier.tier(), place.layer())) {
          leaving
              .computeIfAbsent(tier.tier(), _ -> new ArrayList<>())
              .addAll(tiers.variants().keys(chunk, place.layer(), tier.tier()));
        }
      }
    }
  }

  private long lowerBytes() {
    return tiers.lower().stream().map(BlockTier::usage).mapToLong(TierUsage::payloadBytes).sum();
  }
}
