package dev.varve.offload;

import dev.varve.offload.replacement.PolicyKind;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * In which order chunks leave each tier. HOT goes by age alone: its blocks belong to running
 * sessions and only change their distance. HOST follows the configured replacement policy. SSD
 * frees whole segments and has an order of its own. Thread-safe.
 */
public final class ChunkOrders {

  private final LeastRecentlyUsed hot = new LeastRecentlyUsed();
  private final Map<Tier, TierOrder> lower = new EnumMap<>(Tier.class);
  private final List<Consumer<ChunkKey>> forgotten = new CopyOnWriteArrayList<>();

  /**
   * @param tiers the tiers below HOT
   * @param catalog finds the chunks that policies name
   * @param geometry blocks of the model
   * @param policy for the tiers that free block by block
   * @param millis any clock that does not run backwards
   */
  public ChunkOrders(
      List<BlockTier> tiers,
      ChunkCatalog catalog,
      ModelGeometry geometry,
      PolicyKind policy,
      LongSupplier millis) {
    for (BlockTier tier : tiers) {
      if (tier.tier() == Tier.HOST) {
        long chunk =
            geometry.owningLayers() * tier.footprint(Math.toIntExact(geometry.largestBlock()));
        long capacity = Math.clamp(tier.usage().capacityBytes() / chunk, 1, Integer.MAX_VALUE);
        lower.put(
            tier.tier(),
            new TierOrder(policy.create((int) capacity), catalog, tier.tier(), millis));
      }
    }
  }

  /** Notes that {@code chunk}, claimed by the caller, was sealed or is about to become hot. */
  public void touched(Chunk chunk) {
    hot.touched(chunk);
  }

  /**
   * Notes that a prompt came.
   *
   * @param found its first chunks, as far as they are stored; claimed by the caller
   * @param chunks whole chunks of the prompt
   */
  public void requested(List<Chunk> found, int chunks) {
    // Parents last, so that they count as used more recently than what hangs on them.
    found.reversed().forEach(hot::touched);
    lower.values().forEach(order -> order.requested(found, chunks));
  }

  /**
   * Notes that pieces of an object were read, which are never hot.
   *
   * @param pieces in the order in which they hang on each other; claimed by the caller
   */
  public void used(List<Chunk> pieces) {
    lower.values().forEach(order -> order.requested(pieces, pieces.size()));
  }

  /**
   * Has {@code told}, too, hear of every chunk that the catalog lets go of. It must be quick and
   * must move nothing.
   */
  public void onForgotten(Consumer<ChunkKey> told) {
    forgotten.add(told);
  }

  LeastRecentlyUsed hot() {
    return hot;
  }

  /** The order of a tier below HOT; null where the tier has one of its own. */
  @Nullable TierOrder of(Tier tier) {
    return lower.get(tier);
  }

  void entered(Tier tier, Chunk chunk) {
    TierOrder order = lower.get(tier);
    if (order != null) {
      order.entered(chunk);
    }
  }

  void forgotten(Chunk chunk) {
    hot.removed(chunk);
    lower.values().forEach(order -> order.left(chunk));
    forgotten.forEach(told -> told.accept(chunk.key()));
  }
}
