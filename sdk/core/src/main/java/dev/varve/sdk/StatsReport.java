package dev.varve.sdk;

import dev.varve.offload.Tiers;
import dev.varve.sdk.CacheStats.TierStats;
import dev.varve.sdk.internal.Runtime;
import dev.varve.store.BlockTier;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import dev.varve.store.hot.HotPool;
import java.util.ArrayList;
import java.util.List;

/** Counts what a cache holds. */
final class StatsReport {

  private StatsReport() {}

  static CacheStats of(Runtime runtime, Traffic traffic) {
    Tiers tiers = runtime.tiers();
    List<TierStats> entries = new ArrayList<>();
    HotPool hot = tiers.hot();
    long hotUsed = (hot.slotCount() - hot.freeSlots()) * hot.slotBytes();
    entries.add(entry(runtime, Tier.HOT, hotUsed, hot.slotCount() * hot.slotBytes()));
    for (BlockTier tier : tiers.lower()) {
      TierUsage usage = tier.usage();
      entries.add(entry(runtime, tier.tier(), usage.usedBytes(), usage.capacityBytes()));
    }
    return new CacheStats(
        entries,
        tiers.catalog().size(),
        traffic.prompts(),
        traffic.promptTokens(),
        traffic.reusedTokens(),
        runtime.counters().droppedPuts(),
        runtime.counters().lost());
  }

  private static TierStats entry(Runtime runtime, Tier tier, long used, long capacity) {
    ModelGeometry geometry = runtime.tiers().geometry();
    long[] blocks = {0};
    long[] bytes = {0};
    runtime
        .tiers()
        .catalog()
        .forEach(chunk -> {
          for (int layer = 0; layer < chunk.layers(); layer++) {
            if (chunk.in(tier, layer) && chunk.key().fingerprint().equals(runtime.fingerprint())) {
              blocks[0]++;
              bytes[0] += geometry.block(layer).bytes();
            }
          }
        });
    return new TierStats(
        tier,
        blocks[0],
        blocks[0] * geometry.blockTokens() / geometry.owningLayers(),
        bytes[0],
        used,
        capacity,
        runtime.counters().reads(tier),
        runtime.counters().readBytes(tier),
        runtime.counters().writes(tier),
        runtime.counters().damaged(tier));
  }
}
