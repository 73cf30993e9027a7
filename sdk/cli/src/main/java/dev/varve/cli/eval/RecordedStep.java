package dev.varve.cli.eval;

import dev.varve.engine.LayerAttention;
import dev.varve.engine.LlamaConfig;
import dev.varve.sdk.EngineTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys, values, queries and attention outputs of one step of a model over a whole cache, to be put
 * to other caches: what they give for the same queries shows their error apart from what the layers
 * before them did. For one thread.
 */
final class RecordedStep {
  private final LlamaConfig config;
  private final int tokens;
  private final float[][] keys;
  private final float[][] values;
  private final float[][] queries;
  private final float[][] outputs;

  RecordedStep(LlamaConfig config, int tokens) {
    this.config = config;
    this.tokens = tokens;
    this.keys = new float[config.layers()][tokens * config.kvWidth()];
    this.values = new float[config.layers()][tokens * config.kvWidth()];
    this.queries = new float[config.layers()][tokens * config.queryWidth()];
    this.outputs = new float[config.layers()][tokens * config.queryWidth()];
  }

  /** {@code inner}, listened to. */
  LayerAttention recording(LayerAttention inner) {
    return (layer, k, v, q, out) -> {
      copy(k, keys[layer]);
      copy(v, values[layer]);
      copy(q, queries[layer]);
      inner.attend(layer, k, v, q, out);
      copy(out, outputs[layer]);
    };
  }

  private static void copy(EngineTensor from, float[] to) {
    MemorySegment.copy(from.memory(), ValueLayout.JAVA_FLOAT, 0, to, 0, to.length);
  }

  /** Puts the same step to {@code other} and adds the squares of the differences. */
  void compare(LayerAttention other, Tally tally) {
    compare(other, 0, tokens, tally);
  }

  /** The same with {@code count} tokens of the step, from {@code first} on. */
  void compare(LayerAttention other, int first, int count, Tally tally) {
    float[] out = new float[count * config.queryWidth()];
    for (int layer = 0; layer < config.layers(); layer++) {
      other.attend(
          layer,
          tensor(keys[layer], config.kvHeads()).rows(first, count),
          tensor(values[layer], config.kvHeads()).rows(first, count),
          tensor(queries[layer], config.heads()).rows(first, count),
          EngineTensor.of(out, count, config.heads(), config.headDim()));
      double error = 0;
      double whole = 0;
      for (int i = 0; i < out.length; i++) {
        double expected = outputs[layer][first * config.queryWidth() + i];
        double difference = out[i] - expected;
        error += difference * difference;
        whole += expected * expected;
      }
      tally.outputs(error, whole);
    }
  }

  private EngineTensor tensor(float[] of, int heads) {
    return EngineTensor.of(of, tokens, heads, config.headDim());
  }

  /** Queries of a layer, {@code [tokens][heads][headDim]}. */
  float[] queries(int layer) {
    return queries[layer];
  }

  /** Keys of a layer, {@code [tokens][kvHeads][headDim]}. */
  float[] keys(int layer) {
    return keys[layer];
  }

  int tokens() {
    return tokens;
  }
}
