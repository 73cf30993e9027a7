package dev.varve.sdk.internal.memory;

import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;

/** How far back the rows of a layer are read, by itself and the layers that share its cache. */
public final class Windows {

  private Windows() {}

  /** The oldest position that a token at {@code position} sees in the rows of {@code owner}. */
  static int firstVisible(ModelShape shape, int owner, int position) {
    int first = position;
    for (int layer = owner; layer < shape.layerCount(); layer++) {
      if (shape.ownerOf(layer) == owner) {
        first = Math.min(first, shape.layers().get(layer).firstVisible(position));
      }
    }
    return first;
  }

  /**
   * For each layer the position that rows worth keeping begin with: that of the block which holds
   * the oldest one that a token at {@code length} sees. The borders of blocks stay, and with them
   * the bits of what is computed over all rows.
   */
  public static int[] reach(ModelGeometry geometry, int length) {
    int[] reach = new int[geometry.shape().layerCount()];
    reach(geometry, length, reach);
    return reach;
  }

  /** Writes the same to {@code reach}. */
  public static void reach(ModelGeometry geometry, int length, int[] reach) {
    for (int layer = 0; layer < reach.length; layer++) {
      if (geometry.shape().owns(layer)) {
        int first = firstVisible(geometry.shape(), layer, length);
        reach[layer] = first / geometry.blockTokens() * geometry.blockTokens();
      }
    }
  }
}
