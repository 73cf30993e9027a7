package dev.varve.attention;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/** One layer's random keys, values and queries for a whole sequence, in blocks and as floats. */
final class RandomLayer {
  final LayerShape shape;
  final BlockGeometry geometry;
  final int tokens;
  final List<MemorySegment> blocks = new ArrayList<>();

  /** {@code [token][queryHead][keyDim]}. */
  final float[] queries;

  RandomLayer(SplittableRandom random, LayerShape shape, Dtype dtype, int blockTokens, int tokens) {
    this.shape = shape;
    this.geometry = BlockGeometry.of(shape, dtype, blockTokens);
    this.tokens = tokens;
    this.queries = gaussian(random, tokens * shape.queryHeads() * shape.keyDim(), 1);
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, dtype);
    for (int first = 0; first < tokens; first += blockTokens) {
      MemorySegment block = Arena.ofAuto().allocate(geometry.bytes(), BlockGeometry.ALIGNMENT);
      block.fill((byte) 0xff); // NaN wherever nothing was written
      for (int t = 0; t < Math.min(blockTokens, tokens - first); t++) {
        for (int head = 0; head < shape.kvHeads(); head++) {
          float[] key = gaussian(random, shape.keyDim(), 1);
          kernel.store(key, 0, key.length, block, geometry.keyOffset(head, t));
          if (!shape.valueIsPrefixOfKey()) {
            float[] value = gaussian(random, shape.valueDim(), 1);
            kernel.store(value, 0, value.length, block, geometry.valueOffset(head, t));
          }
        }
      }
      blocks.add(block);
    }
  }

  static LayerShape shape(int queryHeads, int kvHeads, int keyDim, int valueDim) {
    return new Options(0f, 0, false).shape(queryHeads, kvHeads, keyDim, valueDim);
  }

  record Options(float softCap, int window, boolean prefix) {
    LayerShape shape(int queryHeads, int kvHeads, int keyDim, int valueDim) {
      float scale = (float) (1 / Math.sqrt(keyDim));
      return new LayerShape(
          queryHeads,
          kvHeads,
          keyDim,
          valueDim,
          scale,
          softCap,
          RopeSpec.none(),
          window,
          prefix,
          OptionalInt.empty());
    }
  }

  static float[] gaussian(SplittableRandom random, int count, float size) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * size);
    }
    return values;
  }

  /** Attends for the tokens [from, to) in one chunk over the blocks that they need. */
  float[] attend(ExactAttention attention, int from, int to) {
    start(attention, from, to);
    addBlocks(attention);
    int width = shape.queryHeads() * shape.valueDim();
    float[] out = new float[(to - from) * width + 1];
    attention.finish(out, 1);
    return Arrays.copyOfRange(out, 1, out.length);
  }

  void start(ExactAttention attention, int from, int to) {
    int width = shape.queryHeads() * shape.keyDim();
    attention.start(shape, queries, from * width, from, to - from);
  }

  void start(RaggedAttention attention, int from, int to) {
    int width = shape.queryHeads() * shape.keyDim();
    attention.start(shape, queries, from * width, from, to - from);
  }

  void addBlocks(ExactAttention attention) {
    for (int b = 0; b < blocks.size(); b++) {
      if (attention.needs(first(b), held(b))) {
        attention.addBlock(blocks.get(b), geometry, first(b), held(b));
      }
    }
  }

  int first(int block) {
    return block * geometry.tokens();
  }

  int held(int block) {
    return Math.min(geometry.tokens(), tokens - first(block));
  }

  /** The definition of attention, in double precision, for one token and query head. */
  double[] reference(int token, int queryHead) {
    int from = shape.firstVisible(token);
    double[] logits = new double[token + 1 - from];
    double max = Double.NEGATIVE_INFINITY;
    for (int t = from; t <= token; t++) {
      logits[t - from] = logit(token, queryHead, t);
      max = Math.max(max, logits[t - from]);
    }
    double sum = 0;
    double[] result = new double[shape.valueDim() + 1];
    for (int t = from; t <= token; t++) {
      double weight = Math.exp(logits[t - from] - max);
      sum += weight;
      float[] value = row(t, queryHead, false);
      for (int i = 0; i < value.length; i++) {
        result[i] += weight * value[i];
      }
    }
    for (int i = 0; i < shape.valueDim(); i++) {
      result[i] /= sum;
    }
    result[shape.valueDim()] = max + Math.log(sum);
    return result;
  }

  /** Logit of the query of {@code token} on the key of token {@code t}. */
  double logit(int token, int queryHead, int t) {
    float[] key = row(t, queryHead, true);
    double dot = 0;
    for (int i = 0; i < key.length; i++) {
      int at = (token * shape.queryHeads() + queryHead) * shape.keyDim() + i;
      dot += (double) key[i] * queries[at];
    }
    double logit = dot * shape.scale();
    double cap = shape.logitSoftCap();
    return cap == 0 ? logit : cap * Math.tanh(logit / cap);
  }

  float[] row(int token, int queryHead, boolean key) {
    int head = queryHead / (shape.queryHeads() / shape.kvHeads());
    int t = token % geometry.tokens();
    MemorySegment block = blocks.get(token / geometry.tokens());
    float[] row = new float[key ? shape.keyDim() : shape.valueDim()];
    long offset = key ? geometry.keyOffset(head, t) : geometry.valueOffset(head, t);
    DtypeKernel.of(Backend.SCALAR, geometry.dtype()).load(block, offset, row, 0, row.length);
    return row;
  }
}
