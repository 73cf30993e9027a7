package dev.varve.sdk.internal;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.SharedPrefixAttention;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.LayerShape;

/**
 * Exact attention of one layer for one session over blocks shown one after the other, from and to
 * the engine's tensors. Buffers grow and are reused. For one thread at a time.
 */
final class LayerAttention {

  private final RowTranslator translator;
  private final SharedPrefixAttention attention;
  private float[] queries = {};
  private float[] out = {};

  LayerAttention(CacheParts parts, RowTranslator translator) {
    this.translator = translator;
    this.attention = new SharedPrefixAttention(AttentionKernel.of(parts.backend()));
  }

  /** Takes the queries over, and makes room for the results. */
  float[] gather(int layer, LayerShape shape, EngineTensor q, EngineTensor result) {
    int tokens = q.tokens();
    TensorChecks.shape(q, "queries", layer, tokens, shape.queryHeads(), shape.keyDim());
    TensorChecks.shape(result, "output", layer, tokens, shape.queryHeads(), shape.valueDim());
    queries = grown(queries, tokens * shape.queryHeads() * shape.keyDim());
    out = grown(out, tokens * shape.queryHeads() * shape.valueDim());
    translator.gather(q, queries);
    return queries;
  }

  /** The queries taken over last, {@code [tokens][queryHeads][keyDim]} from the front. */
  float[] queries() {
    return queries;
  }

  /** Begins to attend the queries taken over last. */
  void start(LayerShape shape, int position, int tokens) {
    attention.start(shape, 1, tokens);
    attention.add(queries, 0, position, tokens);
  }

  /** To be shown the blocks, as those of member 0. */
  SharedPrefixAttention attention() {
    return attention;
  }

  /** Writes the results to {@link #out}. */
  void finish() {
    attention.finish(0, out, 0);
  }

  /** Where results lie that {@link #scatter} hands over. */
  float[] out() {
    return out;
  }

  void scatter(EngineTensor result) {
    translator.scatter(out, result);
  }

  private static float[] grown(float[] buffer, int length) {
    return buffer.length >= length ? buffer : new float[Math.max(length, 2 * buffer.length)];
  }
}
