package dev.varve.engine;

import dev.varve.sdk.EngineTensor;

/** The whole of what the decoder asks of a KV cache. */
@FunctionalInterface
public interface LayerAttention {

  /**
   * Appends the keys and values of the tokens of this step to a layer, then attends causally: query
   * {@code t} sees everything up to token {@code t} of the step. All tensors are f32, keys and
   * queries already turned; they are borrowed for the call.
   *
   * @param k {@code [tokens][kvHeads][headDim]}
   * @param v like {@code k}
   * @param q {@code [tokens][heads][headDim]}
   * @param out receives the attention output, shaped like {@code q}
   */
  void attend(int layer, EngineTensor k, EngineTensor v, EngineTensor q, EngineTensor out);
}
