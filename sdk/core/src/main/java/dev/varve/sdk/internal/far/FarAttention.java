package dev.varve.sdk.internal.far;

import dev.varve.compression.EncodedHeads;
import dev.varve.offload.BlockFetcher;
import dev.varve.offload.Tiers;
import dev.varve.offload.variant.RowsReader;
import dev.varve.sdk.attention.AttentionCost;
import dev.varve.sdk.attention.AttentionWay;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Attends to blocks that lie below HOT, each by the way that {@link AttentionPlanner} finds
 * cheaper. A raw block gives the same bits both ways. One that is encoded approximately gives rows
 * that differ by the rounding to the block's element type, which reading head by head leaves away;
 * where its encoding has no rows of their own it is decoded as a whole either way. For one thread
 * at a time.
 */
public final class FarAttention implements RowsReader {

  private final Tiers tiers;
  private final BlockFetcher fetcher;
  private final AttentionPlanner planner;
  private final LongSupplier nanoTime;
  private @Nullable BlockSink sink;

  /**
   * @param planner told what every block took
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public FarAttention(
      Tiers tiers, BlockFetcher fetcher, AttentionPlanner planner, LongSupplier nanoTime) {
    this.tiers = tiers;
    this.fetcher = fetcher;
    this.planner = planner;
    this.nanoTime = nanoTime;
  }

  /**
   * Has {@code to} attend to the block of {@code layer}.
   *
   * @param landing memory for a raw block; written if the block is brought up
   * @return false if no tier below HOT gave it: it is hot by now, or lost
   */
  public boolean attend(Chunk chunk, int layer, MemorySegment landing, BlockSink to) {
    @Nullable BlockTier nearest = nearest(chunk, layer);
    if (nearest == null) {
      return false;
    }
    Encoding encoding = tiers.variants().planned(chunk, nearest.tier());
    long bytes = tiers.geometry().block(layer).bytes();
    AttentionCost cost =
        planner.decide(nearest.tier(), encoding, bytes, to.queries(), to.chosenRows());
    long start = nanoTime.getAsLong();
    boolean found =
        cost.way() == AttentionWay.IN_PLACE
            ? inPlace(chunk, layer, landing, to)
            : bringUp(chunk, layer, landing, to);
    if (found) {
      planner.took(cost, nanoTime.getAsLong() - start);
    }
    return found;
  }

  private @Nullable BlockTier nearest(Chunk chunk, int layer) {
    for (BlockTier tier : tiers.lower()) {
      if (chunk.in(tier.tier(), layer)) {
        return tier;
      }
    }
    return null;
  }

  private boolean bringUp(Chunk chunk, int layer, MemorySegment landing, BlockSink to) {
    boolean found = fetcher.read(chunk, layer, landing).isPresent();
    if (found) {
      to.raw(landing);
    }
    return found;
  }

  private boolean inPlace(Chunk chunk, int layer, MemorySegment landing, BlockSink to) {
    sink = to;
    try {
      return fetcher.showRows(chunk, layer, landing, this).isPresent();
    } finally {
      sink = null;
    }
  }

  private BlockSink sink() {
    if (sink == null) {
      throw new IllegalStateException("no block is being attended");
    }
    return sink;
  }

  @Override
  public void raw(MemorySegment block) {
    sink().raw(block);
  }

  @Override
  public void encoded(EncodedHeads heads) {
    sink().encoded(heads);
  }
}
