package dev.varve.sdk.forgetting;

import dev.varve.store.ModelShape;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What every KV head of a model remembers: all of its rows until {@link #set} says otherwise. */
public final class KeepSets {

  private final ModelShape shape;
  private final @Nullable HeadKeepSet[][] heads;
  private final @Nullable CodedTokens[] coded;

  /** Everything is kept. */
  public KeepSets(ModelShape shape) {
    this.shape = shape;
    this.heads = new HeadKeepSet[shape.layerCount()][];
    this.coded = new CodedTokens[shape.layerCount()];
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

  /**
   * Keeps some of what the heads of a layer do not remember in few bits.
   *
   * @throws IllegalArgumentException if the layer reads the cache of another one
   */
  public KeepSets setCoded(int layer, CodedTokens tokens) {
    Objects.checkIndex(layer, coded.length);
    if (!shape.owns(layer)) {
      throw new IllegalArgumentException(
          "layer " + layer + " reads the cache of layer " + shape.ownerOf(layer));
    }
    coded[layer] = tokens;
    return this;
  }

  /** What the heads of a layer keep in few bits beside that. */
  public Optional<CodedTokens> coded(int layer) {
    return Optional.ofNullable(coded[layer]);
  }

  /** What one head remembers; empty for everything. */
  public Optional<HeadKeepSet> of(int layer, int kvHead) {
    return Optional.ofNullable(heads[layer][kvHead]);
  }
}
