package dev.varve.sdk;

import dev.varve.compression.Encodings;
import dev.varve.offload.Counters;
import dev.varve.offload.Tiers;
import dev.varve.sdk.CacheStats.Encoded;
import dev.varve.sdk.CacheStats.TierStats;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.memory.MemoryCounters;
import dev.varve.store.BlockTier;
import dev.varve.store.Encoding;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import dev.varve.store.hot.HotPool;
import java.util.ArrayList;
import java.util.List;

/** Counts what a cache holds. */
final class StatsReport {

  private StatsReport() {}

  static CacheStats of(CacheParts parts, Traffic traffic) {
    Tiers tiers = parts.tiers();
    List<TierStats> entries = new ArrayList<>();
    HotPool hot = tiers.hot();
    long hotUsed = (hot.slotCount() - hot.freeSlots()) * hot.slotBytes();
    entries.add(entry(parts, Tier.HOT, hotUsed, hot.slotCount() * hot.slotBytes()));
    for (BlockTier tier : tiers.lower()) {
      TierUsage usage = tier.usage();
      entries.add(entry(parts, tier.tier(), usage.usedBytes(), usage.capacityBytes()));
    }
    return new CacheStats(
        entries,
        tiers.catalog().size(),
        traffic.prompts(),
        traffic.promptTokens(),
        traffic.reusedTokens(),
        parts.counters().droppedPuts(),
        parts.counters().lost(),
        traffic.refusedSessions(),
        forgetting(parts),
        parts.reading().stats(),
        parts.attending().stats(parts.farPlanner()),
        mover(parts),
        parts.transfers().stats());
  }

  private static ForgettingStats forgetting(CacheParts parts) {
    MemoryCounters memory = parts.memory();
    ModelGeometry geometry = parts.tiers().geometry();
    return new ForgettingStats(
        memory.compactions(),
        memory.rowsBefore(),
        memory.rowsAfter(),
        memory.bytesBefore(),
        memory.bytesAfter(),
        memory.slots() * parts.tiers().hot().slotBytes(),
        memory.parkedChunks() * geometry.blockTokens(),
        memory.parkedChunks() * SessionUsage.chunkBytes(geometry),
        memory.leftOneByOne(),
        memory.failures());
  }

  private static MoverStats mover(CacheParts parts) {
    Counters counters = parts.counters();
    return new MoverStats(
        parts.mover().waiting(),
        counters.retries(),
        counters.givenUp(),
        counters.droppedPuts(),
        counters.prefetches(),
        counters.readsAhead(),
        counters.agentFailures());
  }

  private static TierStats entry(CacheParts parts, Tier tier, long used, long capacity) {
    ModelGeometry geometry = parts.tiers().geometry();
    long[] blocks = {0};
    long[] bytes = {0};
    parts
        .tiers()
        .catalog()
        .forEach(chunk -> {
          for (int layer = 0; layer < chunk.layers(); layer++) {
            if (chunk.in(tier, layer) && chunk.key().fingerprint().sameModel(parts.fingerprint())) {
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
        parts.counters().reads(tier),
        parts.counters().readBytes(tier),
        parts.counters().writes(tier),
        parts.counters().damaged(tier),
        encoded(parts, tier));
  }

  /** What became of the blocks of tiers that do not write them raw, a sentence for each. */
  static List<String> encodings(CacheParts parts) {
    return parts.tiers().lower().stream()
        .map(BlockTier::tier)
        .filter(tier -> !encoded(parts, tier).encoding().equals(Encodings.name(Encoding.RAW)))
        .map(tier -> encoded(parts, tier).sentence(tier))
        .toList();
  }

  static Encoded encoded(CacheParts parts, Tier tier) {
    Counters counters = parts.counters();
    return new Encoded(
        Encodings.name(parts.tiers().variants().lineages().configured().of(tier)),
        counters.sealedBytes(tier),
        counters.writtenBytes(tier),
        counters.unapplied(tier),
        counters.passedOn(tier));
  }
}
