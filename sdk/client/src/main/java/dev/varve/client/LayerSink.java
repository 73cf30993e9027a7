package dev.varve.client;

import dev.varve.sdk.LayerTensors;

/** An engine's side of a stream: takes chunks in order, the layers of each in order. */
public interface LayerSink {

  /**
   * Keys and values of one layer for the tokens of one chunk.
   *
   * @param firstToken position of the first row
   * @param rows one for each token of the chunk; borrowed until the call returns
   */
  void layer(int layer, int firstToken, LayerTensors rows);

  /** The engine is to compute these tokens, on top of what it was given; all layers of them. */
  default void compute(int firstToken, int tokens) {
    throw new UnsupportedOperationException(
        "%d tokens from %d on were sent as text: ask for it only if they can be computed"
            .formatted(tokens, firstToken));
  }
}
