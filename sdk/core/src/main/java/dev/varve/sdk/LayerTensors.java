package dev.varve.sdk;

/**
 * Keys and values of one layer.
 *
 * @param keys {@code [tokens][kvHeads][keyDim]}
 * @param values {@code [tokens][kvHeads][valueDim]}; the keys again where values are a prefix of
 *     them
 */
public record LayerTensors(EngineTensor keys, EngineTensor values) {

  /** Rows {@code [from, from + count)} of both. */
  LayerTensors rows(int from, int count) {
    return new LayerTensors(keys.rows(from, count), values.rows(from, count));
  }
}
