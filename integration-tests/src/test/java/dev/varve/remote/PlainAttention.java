package dev.varve.remote;

import dev.varve.store.LayerShape;

/**
 * Attention as its definition says, in f64.
 *
 * @param layer heads and widths
 * @param keys {@code [tokens][kvHeads][keyDim]}
 * @param values {@code [tokens][kvHeads][valueDim]}
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
record PlainAttention(LayerShape layer, float[] keys, float[] values) {

  /** The output of one query over some tokens, and behind it the log-sum-exp. */
  double[] attended(float[] queries, int query, int[] positions, double scale) {
    int kvHead = layer.kvHeadOf(query % layer.queryHeads());
    double[] logits = new double[positions.length];
    double largest = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < logits.length; t++) {
      int row = (positions[t] * layer.kvHeads() + kvHead) * layer.keyDim();
      for (int i = 0; i < layer.keyDim(); i++) {
        logits[t] += (double) keys[row + i] * queries[query * layer.keyDim() + i];
      }
      logits[t] *= scale;
      largest = Math.max(largest, logits[t]);
    }
    double sum = 0;
    double[] out = new double[layer.valueDim() + 1];
    for (int t = 0; t < logits.length; t++) {
      double weight = Math.exp(logits[t] - largest);
      sum += weight;
      int row = (positions[t] * layer.kvHeads() + kvHead) * layer.valueDim();
      for (int i = 0; i < layer.valueDim(); i++) {
        out[i] += weight * values[row + i];
      }
    }
    for (int i = 0; i < layer.valueDim(); i++) {
      out[i] /= sum;
    }
    out[layer.valueDim()] = largest + Math.log(sum);
    return out;
  }
}
