package dev.varve.cli.bench;

import dev.varve.engine.LayerAttention;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.DtypeLayouts;

/**
 * Attention over a cache whose full blocks were written and read again: a query sees the decoded
 * rows of the blocks before its own and the exact ones of its own. Steps must be whole blocks. For
 * one thread at a time.
 */
final class RecodedAttention implements LayerAttention {
  private final LayerShape shape;
  private final int tokens;
  private final int blockTokens;
  private final KvCoding coding;
  private final KvBlocks blocks;
  private final float[][] keys;
  private final float[][] values;
  private final int[] lengths;
  private final float[] weights;

  RecodedAttention(LayerShape shape, int layers, int tokens, int blockTokens, KvCoding coding) {
    int elements = shape.kvHeads() * tokens * shape.keyDim();
    this.shape = shape;
    this.tokens = tokens;
    this.blockTokens = blockTokens;
    this.coding = coding;
    this.blocks = new KvBlocks(shape.kvHeads(), tokens, shape.keyDim(), blockTokens);
    this.keys = new float[layers][elements];
    this.values = new float[layers][elements];
    this.lengths = new int[layers];
    this.weights = new float[tokens];
  }

  @Override
  public void attend(int layer, EngineTensor k, EngineTensor v, EngineTensor q, EngineTensor out) {
    int first = lengths[layer];
    append(k, keys[layer], first);
    append(v, values[layer], first);
    for (int head = 0; head < shape.queryHeads(); head++) {
      for (int token = 0; token < q.tokens(); token++) {
        attend(layer, head, first + token + 1, q, out, token);
      }
    }
    blocks.pass(coding, layer, first / blockTokens, keys[layer], values[layer]);
    lengths[layer] = first + k.tokens();
  }

  private void append(EngineTensor rows, float[] all, int first) {
    int dim = shape.keyDim();
    for (int head = 0; head < rows.heads(); head++) {
      for (int token = 0; token < rows.tokens(); token++) {
        int at = (head * tokens + first + token) * dim;
        for (int j = 0; j < dim; j++) {
          long offset = rows.offset(token, head) + 4L * j;
          all[at + j] = rows.memory().get(DtypeLayouts.FLOAT, offset);
        }
      }
    }
  }

  private void attend(int layer, int head, int seen, EngineTensor q, EngineTensor out, int token) {
    int dim = shape.keyDim();
    int from = shape.kvHeadOf(head) * tokens * dim;
    float[] query = new float[dim];
    for (int j = 0; j < dim; j++) {
      query[j] = q.memory().get(DtypeLayouts.FLOAT, q.offset(token, head) + 4L * j);
    }
    float most = Float.NEGATIVE_INFINITY;
    for (int t = 0; t < seen; t++) {
      weights[t] = dot(query, keys[layer], from + t * dim) * shape.scale();
      most = Math.max(most, weights[t]);
    }
    float[] sum = new float[dim];
    float total = 0;
    for (int t = 0; t < seen; t++) {
      float weight = (float) Math.exp(weights[t] - most);
      total += weight;
      for (int j = 0; j < dim; j++) {
        sum[j] += weight * values[layer][from + t * dim + j];
      }
    }
    for (int j = 0; j < dim; j++) {
      out.memory().set(DtypeLayouts.FLOAT, out.offset(token, head) + 4L * j, sum[j] / total);
    }
  }

  /** Four sums, so that they do not wait for each other. */
  private static float dot(float[] query, float[] rows, int at) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    for (int j = 0; j + 3 < query.length; j += 4) {
      a += query[j] * rows[at + j];
      b += query[j + 1] * rows[at + j + 1];
      c += query[j + 2] * rows[at + j + 2];
      d += query[j + 3] * rows[at + j + 3];
    }
    for (int j = query.length / 4 * 4; j < query.length; j++) {
      a += query[j] * rows[at + j];
    }
    return a + b + (c + d);
  }
}
