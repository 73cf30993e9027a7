package dev.varve.offload;

import dev.varve.store.BlockTier;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.Encoding;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import dev.varve.store.hot.HotPool;
import java.util.List;

/**
 * The tiers of one cache, nearest first, and the catalog of what they hold.
 *
 * @param hot memory that attention reads
 * @param lower the tiers below, nearest first; may be empty
 * @param catalog where every block is
 * @param geometry blocks of the model whose chunks are in HOT
 */
public record Tiers(
    HotPool hot, List<BlockTier> lower, ChunkCatalog catalog, ModelGeometry geometry) {

  public Tiers {
    lower = List.copyOf(lower);
    for (int i = 1; i < lower.size(); i++) {
      if (lower.get(i).tier().compareTo(lower.get(i - 1).tier()) <= 0) {
        throw new IllegalArgumentException(
            "tiers must be ordered by distance: " + lower.get(i).tier() + " stands too late");
      }
    }
  }

  /**
   * How {@code tier} wants blocks written. Every encoding is made from the exact bytes; a copy that
   * another tier holds in the same encoding is passed on as it is.
   */
  public static Encoding encoding(Tier tier) {
    return switch (tier) {
      case HOT, HOST, SSD, REMOTE -> Encoding.RAW;
    };
  }

  /** Whether {@code tier} keeps its blocks when the process ends. */
  public static boolean durable(Tier tier) {
    return switch (tier) {
      case HOT, HOST -> false;
      case SSD, REMOTE -> true;
    };
  }
}
