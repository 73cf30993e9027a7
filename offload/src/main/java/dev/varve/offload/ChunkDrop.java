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
  private final Map<Tier, List<BlockKey>> leaving = new EnumMap<>(Tier.class);
  private long chunks;
  private long hotBytes;

  ChunkDrop(Tiers tiers, ChunkOrders orders, Tenancy tenancy) {
    this.tiers = tiers;
    this.orders = orders;
    this.tenancy = tenancy;
    tiers.lower().forEach(tier -> leaving.put(tier.tier(), new ArrayList<>()));
  }

  /** Drops those of {@code keys} that nobody claims. */
  Dropped run(Collection<ChunkKey> keys) {
    long before = lowerBytes();
    for (ChunkKey key : keys) {
      @Nullable Chunk chunk = tiers.catalog().peek(key);
      if (chunk != null && tiers.catalog().forget(chunk)) {
        drop(chunk);
      }
    }
    remove(0);
    return new Dropped(chunks, hotBytes + Math.max(0, before - lowerBytes()));
  }

  private void drop(Chunk chunk) {
    chunks++;
    orders.forgotten(chunk);
    tenancy.forgotten(chunk);
    for (int layer = 0; layer < chunk.layers(); layer++) {
      long handle = chunk.hotHandle(layer);
      if (handle != Chunk.NOT_HOT && tiers.hot().retire(handle)) {
        hotBytes += tiers.geometry().block(layer).bytes();
      }
      for (BlockTier tier : tiers.lower()) {
        if (chunk.in(tier.tier(), layer)) {
          of(tier).add(new Place(chunk, layer).key(Tiers.encoding(tier.tier())));
        }
      }
    }
    remove(BLOCKS_AT_ONCE);
  }

  /** Removes what is collected from every tier that has at least so much. */
  private void remove(int least) {
    for (BlockTier tier : tiers.lower()) {
      List<BlockKey> keys = of(tier);
      if (!keys.isEmpty() && keys.size() >= least) {
        tier.remove(keys);
        keys.clear();
      }
    }
  }

  private List<BlockKey> of(BlockTier tier) {
    return leaving.computeIfAbsent(tier.tier(), _ -> new ArrayList<>());
  }

  private long lowerBytes() {
    return tiers.lower().stream().map(BlockTier::usage).mapToLong(TierUsage::payloadBytes).sum();
  }
}
