package dev.varve.client;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;

/**
 * Queries of one token or some, for one layer or some that follow each other. Turned by RoPE to
 * their positions, as the stored keys are to theirs.
 *
 * @param firstLayer the first layer
 * @param layers how many
 * @param tokens query tokens, the same for each layer
 * @param floats {@code [layers][tokens][queryHeads][keyDim]}, all finite; read, never changed
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record RemoteQueries(int firstLayer, int layers, int tokens, float[] floats) {

  public RemoteQueries {
    Checks.notNegative(firstLayer, "first layer");
    Checks.positive(layers, "layers");
    Checks.positive(tokens, "tokens");
  }

  /** Queries of one layer. */
  public static RemoteQueries of(int layer, int tokens, float... floats) {
    return new RemoteQueries(layer, 1, tokens, floats);
  }

  /**
   * Refuses queries that are none of this model.
   *
   * @throws IllegalArgumentException says what is wanted
   */
  public void check(ModelShape model) {
    Checks.inRange(firstLayer + layers, 1, model.layerCount(), "end of the layers");
    long wanted = 0;
    for (int layer = firstLayer; layer < firstLayer + layers; layer++) {
      LayerShape shape = model.layers().get(layer);
      wanted += (long) tokens * shape.queryHeads() * shape.keyDim();
    }
    if (floats.length != wanted) {
      throw new IllegalArgumentException(
          "%d query tokens of %d layers are %d floats, %d are given"
              .formatted(tokens, layers, wanted, floats.length));
    }
  }
}
