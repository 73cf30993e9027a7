package dev.varve.sdk.forgetting;

import dev.varve.store.ModelShape;

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

  /**
   * Gathers the rows of a layer: read once, from wherever they are.
   *
   * @param layer one that stores blocks of its own
   * @return valid until the next layer is gathered
   */
  LayerHistory layer(int layer);
}
