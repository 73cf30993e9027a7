package dev.varve.compression.container;

import dev.varve.store.Checks;
import dev.varve.store.ModelShape;
import java.util.Comparator;

/**
 * Where a block belongs.
 *
 * @param layer counted from 0
 * @param chunk counted from 0
 * @param level number of its level in the {@link EncodingPlan}
 */
public record BlockAddress(int layer, int chunk, int level) implements Comparable<BlockAddress> {
  private static final Comparator<BlockAddress> ORDER =
      Comparator.comparingInt(BlockAddress::layer)
          .thenComparingInt(BlockAddress::chunk)
          .thenComparingInt(BlockAddress::level);

  public BlockAddress {
    Checks.inRange(layer, 0, ModelShape.MAX_LAYERS - 1, "layer");
    Checks.notNegative(chunk, "chunk");
    Checks.inRange(level, 0, EncodingPlan.MAX_LEVELS - 1, "level");
  }

  /** The block of the first level. */
  public static BlockAddress of(int layer, int chunk) {
    return new BlockAddress(layer, chunk, 0);
  }

  @Override
  public int compareTo(BlockAddress other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "layer %d, chunk %d, level %d".formatted(layer, chunk, level);
  }
}
