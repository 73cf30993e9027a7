package dev.varve.cli.eval;

import dev.varve.engine.LlamaConfig;
import java.util.Arrays;

/**
 * How much of the attention of some queries each token of the prompt before them gets, summed over
 * queries and over the query heads of a KV head: {@code [layer][kvHead][position]}, exact, from
 * recorded keys and queries.
 */
final class AttentionMass {
  private final double[][][] prompt;
  private final double total;
  private double onPrompt;

  /**
   * @param config all layers alike and without windows
   * @param before the prompt
   * @param after the tokens right behind it, whose queries count
   */
  AttentionMass(LlamaConfig config, RecordedStep before, RecordedStep after) {
    this.prompt = new double[config.layers()][config.kvHeads()][before.tokens()];
    this.total = (double) config.layers() * config.heads() * after.tokens();
    double[] weights = new double[before.tokens() + after.tokens()];
    for (int layer = 0; layer < config.layers(); layer++) {
      for (int token = 0; token < after.tokens(); token++) {
        for (int head = 0; head < config.heads(); head++) {
          add(config, layer, token, head, before, after, weights);
        }
      }
    }
  }

  private void add(
      LlamaConfig config,
      int layer,
      int token,
      int head,
      RecordedStep before,
      RecordedStep after,
      double[] weights) {
    int dim = config.headDim();
    int kvHead = head / (config.heads() / config.kvHeads());
    float scale = config.attention().scale();
    int query = (token * config.heads() + head) * dim;
    int visible = before.tokens() + token + 1;
    double max = Double.NEGATIVE_INFINITY;
    for (int position = 0; position < visible; position++) {
      boolean old = position < before.tokens();
      float[] keys = old ? before.keys(layer) : after.keys(layer);
      int row = old ? position : position - before.tokens();
      int key = (row * config.kvHeads() + kvHead) * dim;
      weights[position] = scale * dot(after.queries(layer), query, keys, key, dim);
      max = Math.max(max, weights[position]);
    }
    double sum = 0;
    for (int position = 0; position < visible; position++) {
      weights[position] = Math.exp(weights[position] - max);
      sum += weights[position];
    }
    for (int position = 0; position < before.tokens(); position++) {
      prompt[layer][kvHead][position] += weights[position] / sum;
      onPrompt += weights[position] / sum;
    }
  }

  private static float dot(float[] a, int aAt, float[] b, int bAt, int dim) {
    float sum = 0;
    for (int i = 0; i < dim; i++) {
      sum += a[aAt + i] * b[bAt + i];
    }
    return sum;
  }

  /** All attention of the queries. */
  double total() {
    return total;
  }

  /** Attention on the tokens behind the prompt, which are always kept. */
  double behindPrompt() {
    return total - onPrompt;
  }

  /** Attention on all positions of the prompt. */
  double on(int layer, int kvHead) {
    return Arrays.stream(prompt[layer][kvHead]).sum();
  }

  /** Attention on these positions of the prompt. */
  double on(int layer, int kvHead, int[] positions) {
    double sum = 0;
    for (int position : positions) {
      sum += prompt[layer][kvHead][position];
    }
    return sum;
  }
}
