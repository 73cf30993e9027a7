package dev.varve.sdk.forgetting;

import dev.varve.store.ModelShape;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What every KV head of a model remembers: all of its rows until {@link #set} says otherwise. */
public final class KeepSets {

  private final ModelShape shape;
  private final @Nullable HeadKeepSet[][] heads;

  /** Everything is kept. */
  public KeepSets(ModelShape shape) {
    this.shape = shape;
    this.heads = new HeadKeepSet[shape.layerCount()][];
    for (int layer = 0; layer < heads.length; layer++) {
      heads[layer] = new HeadKeepSet[shape.layers().get(layer).kvHeads()];
    }
  }

  /**
   * Sets what one head remembers.
   *
   * @throws IllegalArgumentException if the layer reads the cache of another one
   */
  public KeepSets set(int layer, int kvHead, HeadKeepSet kept) {
    Objects.checkIndex(layer, heads.length);
    Objects.checkIndex(kvHead, heads[layer].length);
    if (!shape.owns(layer)) {
      throw new IllegalArgumentException(
          "layer "
              + layer
              + " reads the cache of layer "
              + shape.ownerOf(layer)
              + ": set it there");
    }
    heads[layer][kvHead] = Objects.requireNonNull(kept, "kept");
    return this;
  }

  /** What one head remembers; empty for everything. */
  public Optional<HeadKeepSet> of(int layer, int kvHead) {
    return Optional.ofNullable(heads[layer][kvHead]);
  }
}
