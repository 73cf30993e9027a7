package dev.varve.store;

import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * The layers of a model, which may differ, and the element type in which their keys and values are
 * stored.
 *
 * @param layers one shape per layer, in order
 * @param dtype stored element type
 */
public record ModelShape(List<LayerShape> layers, Dtype dtype) {

  /** Most layers a model may have; the layer takes two bytes in a {@link BlockKey}. */
  public static final int MAX_LAYERS = 0xFFFF;

  public ModelShape {
    layers = List.copyOf(layers);
    Objects.requireNonNull(dtype, "dtype");
    Checks.inRange(layers.size(), 1, MAX_LAYERS, "layers");
    for (int i = 0; i < layers.size(); i++) {
      checkSharing(layers, i);
    }
  }

  /** A model whose layers are all alike. */
  public static ModelShape uniform(int layers, LayerShape layer, Dtype dtype) {
    return new ModelShape(
        Collections.nCopies(Checks.inRange(layers, 1, MAX_LAYERS, "layers"), layer), dtype);
  }

  /** Number of layers. */
  public int layerCount() {
    return layers.size();
  }

  /** The layer whose blocks {@code layer} reads: itself unless it shares another's. */
  public int ownerOf(int layer) {
    return layers.get(layer).sharedWith().orElse(layer);
  }

  /** Whether {@code layer} stores blocks of its own. */
  public boolean owns(int layer) {
    return layers.get(layer).sharedWith().isEmpty();
  }

  private static void checkSharing(List<LayerShape> layers, int layer) {
    LayerShape reader = layers.get(layer);
    if (reader.sharedWith().isEmpty()) {
      return;
    }
    int owner = reader.sharedWith().getAsInt();
    if (owner < 0 || owner >= layer || layers.get(owner).sharedWith().isPresent()) {
      throw new IllegalArgumentException(
          "layer "
              + layer
              + " shares the cache of layer "
              + owner
              + ", which must be an earlier layer with a cache of its own");
    }
    LayerShape shape = layers.get(owner);
    if (shape.kvHeads() != reader.kvHeads()
        || shape.keyDim() != reader.keyDim()
        || shape.valueDim() != reader.valueDim()) {
      throw new IllegalArgumentException(
          "layer " + layer + " shares the cache of layer " + owner + " but differs in its shape");
    }
  }
}
