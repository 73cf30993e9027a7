package dev.varve.sdk.forgetting;

import dev.varve.eviction.observe.Signal;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Backend;
import java.util.Optional;

/**
 * What a session holds when it is asked what to keep: for each KV head of each layer that stores
 * blocks a list of rows, ascending by position. Before the first forgetting these are all tokens
 * that the layer still sees; after it what was kept, and the tokens since. Valid during the call.
 */
public interface SessionHistory {

  /** The layers. */
  ModelShape shape();

  /** Committed tokens; the position of the next one. */
  int tokens();

  /** Rows of one KV head. Reads no keys. */
  int rows(int layer, int kvHead);

  /** Position of a row in the sequence. Reads no keys. */
  int position(int layer, int kvHead, int row);

  /** Whether a row was merged: it stands for several tokens, or counts more or less than one. */
  boolean merged(int layer, int kvHead, int row);

  /** Queries at hand: those of the newest tokens, as many as were asked for and seen. */
  int queries(int layer);

  /**
   * Queries {@code [queries][queryHeads][keyDim]}, oldest first, as the layer attends with them.
   */
  float[] queryRows(int layer);

  /**
   * Attention that the rows of a head have received, {@code [group][rows]}, as {@link
   * Forgetting#attentionDecay} asked; empty if it did not, or the session has not seen every query.
   */
  Optional<float[][]> attention(int layer, int kvHead);

  /**
   * What the engine told of a layer, {@code [heads][positions]}; may end before the newest token.
   */
  Optional<float[][]> given(Signal signal, int layer);

  /** How many of the newest tokens are a draft's: they vote and are not kept. */
  int drafted();

  /** The kernels that the session computes with. */
  Backend backend();

  /**
   * Gathers the rows of a layer: read once, from wherever they are.
   *
   * @param layer one that stores blocks of its own
   * @return valid until the next layer is gathered
   */
  LayerHistory layer(int layer);
}
