package dev.varve.sdk.internal;

import dev.varve.sdk.StoredPrefix;
import dev.varve.store.Chunk;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts the blocks of some chunks by the nearest tier that holds each. */
final class StoredShares {

  private StoredShares() {}

  /** Tiers that hold none are left out. */
  static Map<Tier, StoredPrefix.Share> of(List<Chunk> chunks, ModelGeometry geometry) {
    Map<Tier, StoredPrefix.Share> shares = new EnumMap<>(Tier.class);
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        for (Chunk chunk : chunks) {
          add(shares, chunk, layer, geometry.block(layer).bytes());
        }
      }
    }
    return shares;
  }

  private static void add(
      Map<Tier, StoredPrefix.Share> shares, Chunk chunk, int layer, long bytes) {
    for (Tier tier : Tier.values()) {
      if (chunk.in(tier, layer)) {
        shares.merge(tier, new StoredPrefix.Share(1, bytes), StoredPrefix.Share::plus);
        return;
      }
    }
  }
}
