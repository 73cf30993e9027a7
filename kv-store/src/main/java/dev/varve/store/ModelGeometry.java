package dev.varve.store;

import java.util.List;

/**
 * The blocks of every layer of a model.
 *
 * @param shape the layers
 * @param blockTokens tokens of a full block
 * @param blocks one geometry per layer; a layer that shares another's cache has the owner's
 */
public record ModelGeometry(ModelShape shape, int blockTokens, List<BlockGeometry> blocks) {

  public ModelGeometry {
    blocks = List.copyOf(blocks);
  }

  /** The geometry of {@code shape} with blocks of {@code blockTokens} tokens. */
  public static ModelGeometry of(ModelShape shape, int blockTokens) {
    return new ModelGeometry(
        shape,
        blockTokens,
        shape.layers().stream()
            .map(layer -> BlockGeometry.of(layer, shape.dtype(), blockTokens))
            .toList());
  }

  /** Blocks of {@code layer}. */
  public BlockGeometry block(int layer) {
    return blocks.get(layer);
  }

  /** Layers that store blocks of their own. */
  public int owningLayers() {
    int owning = 0;
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      owning += shape.owns(layer) ? 1 : 0;
    }
    return owning;
  }

  /** Bytes of the largest block. */
  public long largestBlock() {
    return blocks.stream().mapToLong(BlockGeometry::bytes).max().orElseThrow();
  }
}
