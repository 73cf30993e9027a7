package dev.varve.offload;

import dev.varve.offload.variant.Variants;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import dev.varve.store.hot.HotPool;
import dev.varve.store.object.ObjectPieces;
import java.util.List;

/**
 * The tiers of one cache, nearest first, and the catalog of what they hold.
 *
 * @param hot memory that attention reads
 * @param lower the tiers below, nearest first; may be empty
 * @param catalog where every block is
 * @param geometry blocks of the model whose chunks are in HOT
 * @param variants how the lower tiers write blocks
 */
public record Tiers(
    HotPool hot,
    List<BlockTier> lower,
    ChunkCatalog catalog,
    ModelGeometry geometry,
    Variants variants) {

  public Tiers {
    lower = List.copyOf(lower);
    for (int i = 1; i < lower.size(); i++) {
      if (lower.get(i).tier().compareTo(lower.get(i - 1).tier()) <= 0) {
        throw new IllegalArgumentException(
            "tiers must be ordered by distance: " + lower.get(i).tier() + " stands too late");
      }
    }
  }

  /** Tiers that hold raw blocks. */
  public Tiers(HotPool hot, List<BlockTier> lower, ChunkCatalog catalog, ModelGeometry geometry) {
    this(hot, lower, catalog, geometry, Variants.raw(geometry));
  }

  /**
   * Enters a hot slot that was filled from below.
   *
   * @return false if another slot was entered before; the caller keeps its own
   */
  public boolean placeFetched(Chunk chunk, int layer, long handle) {
    return variants.exact(chunk)
        ? chunk.placeHot(layer, handle)
        : chunk.placeHotCopy(layer, handle);
  }

  /** Bytes of a block as it was sealed; of a piece of an object, at most that. */
  long payloadBytes(Chunk chunk, int layer) {
    if (ObjectPieces.isPiece(chunk.key())) {
      return (long) chunk.tokens() * ObjectPieces.PAGE;
    }
    return geometry.block(Math.min(layer, geometry.blocks().size() - 1)).bytes();
  }

  /**
   * The tier of this machine that is farthest away: what must be kept goes there.
   *
   * @throws IllegalStateException if there is none below HOT
   */
  public BlockTier farthestOwn() {
    return lower.stream()
        .filter(tier -> !shared(tier.tier()))
        .reduce((_, farther) -> farther)
        .orElseThrow(() -> new IllegalStateException("there is no tier of this machine below HOT"));
  }

  /** Whether other processes fill and empty {@code tier}, too. */
  public static boolean shared(Tier tier) {
    return tier == Tier.REMOTE;
  }

  /** Whether {@code chunk} is of use to other processes by itself: a piece of an object is not. */
  static boolean shares(Chunk chunk) {
    return !ObjectPieces.isPiece(chunk.key());
  }

  /**
   * Whether {@code tier} keeps its blocks when the process ends, so that the process may rely on
   * it. What is shared others empty, too.
   */
  public static boolean durable(Tier tier) {
    return switch (tier) {
      case HOT, HOST, REMOTE -> false;
      case SSD -> true;
    };
  }
}
