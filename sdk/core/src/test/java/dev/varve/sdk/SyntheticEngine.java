package dev.varve.sdk;

import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * An engine without weights: keys, values and queries are random but fixed by token, position and
 * layer, so that any two ways of computing a sequence must agree.
 */
final class SyntheticEngine {

  private final ModelShape shape;

  SyntheticEngine(ModelShape shape) {
    this.shape = shape;
  }

  /** Token ids {@code 0..n} that depend on the seed. */
  static int[] tokens(long seed, int count) {
    return new SplittableRandom(seed).ints(count, 0, 1000).toArray();
  }

  /** Runs {@code tokenIds} through all layers in one step; returns the outputs of every layer. */
  float[][] step(KvSession session, int[] tokenIds) {
    float[][] outputs = new float[shape.layerCount()][];
    int position = session.length();
    try (Step step = session.begin(tokenIds, true)) {
      for (int layer = 0; layer < shape.layerCount(); layer++) {
        if (shape.owns(layer)) {
          step.append(layer, keys(layer, tokenIds, position), values(layer, tokenIds, position));
        }
        outputs[layer] = attend(step, layer, tokenIds, position);
      }
      step.end();
    }
    return outputs;
  }

  float[] attend(Step step, int layer, int[] tokenIds, int position) {
    LayerShape shape = this.shape.layers().get(layer);
    float[] out = new float[tokenIds.length * shape.queryHeads() * shape.valueDim()];
    step.attend(
        layer,
        queries(layer, tokenIds, position),
        EngineTensor.of(out, tokenIds.length, shape.queryHeads(), shape.valueDim()));
    return out;
  }

  /** Runs {@code tokenIds} in steps of {@code chunk} tokens; the outputs of the last token. */
  float[][] run(KvSession session, int[] tokenIds, int chunk) {
    float[][] last = {};
    for (int at = 0; at < tokenIds.length; at += chunk) {
      int[] part = Arrays.copyOfRange(tokenIds, at, Math.min(tokenIds.length, at + chunk));
      last = lastRows(step(session, part), part.length);
    }
    return last;
  }

  private float[][] lastRows(float[][] outputs, int tokens) {
    float[][] last = new float[outputs.length][];
    for (int layer = 0; layer < outputs.length; layer++) {
      int row = outputs[layer].length / tokens;
      last[layer] = Arrays.copyOfRange(outputs[layer], (tokens - 1) * row, tokens * row);
    }
    return last;
  }

  EngineTensor keys(int layer, int[] tokenIds, int position) {
    LayerShape layerShape = shape.layers().get(layer);
    return tensor(1, layer, tokenIds, position, layerShape.kvHeads(), layerShape.keyDim());
  }

  EngineTensor values(int layer, int[] tokenIds, int position) {
    LayerShape layerShape = shape.layers().get(layer);
    return tensor(2, layer, tokenIds, position, layerShape.kvHeads(), layerShape.valueDim());
  }

  EngineTensor queries(int layer, int[] tokenIds, int position) {
    LayerShape layerShape = shape.layers().get(layer);
    return tensor(3, layer, tokenIds, position, layerShape.queryHeads(), layerShape.keyDim());
  }

  /** The element that every way of computing it must use, rounded to what f16 can hold. */
  static float element(
      int kind, int layer, int tokenId, int position, int head, int index, int heads) {
    long seed =
        ((((long) kind * 131 + layer) * 10_007 + tokenId) * 100_003 + position) * 1009
            + (long) head * heads
            + index * 31L;
    float value = (float) new SplittableRandom(seed).nextGaussian();
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  private static EngineTensor tensor(
      int kind, int layer, int[] tokenIds, int position, int heads, int dim) {
    float[] data = new float[tokenIds.length * heads * dim];
    int at = 0;
    for (int t = 0; t < tokenIds.length; t++) {
      for (int head = 0; head < heads; head++) {
        for (int i = 0; i < dim; i++) {
          data[at++] = element(kind, layer, tokenIds[t], position + t, head, i, heads);
        }
      }
    }
    return EngineTensor.of(data, tokenIds.length, heads, dim);
  }

  /** What attention of the last of {@code tokenIds} must give, in double precision. */
  double[] reference(int layer, int[] tokenIds) {
    LayerShape layerShape = shape.layers().get(layer);
    int owner = shape.ownerOf(layer);
    int last = tokenIds.length - 1;
    int dv = layerShape.valueDim();
    double[] out = new double[layerShape.queryHeads() * dv];
    for (int head = 0; head < layerShape.queryHeads(); head++) {
      int kvHead = layerShape.kvHeadOf(head);
      double sum = 0;
      for (int t = layerShape.firstVisible(last); t <= last; t++) {
        double weight = Math.exp(logit(layerShape, layer, owner, tokenIds, head, kvHead, t));
        sum += weight;
        for (int i = 0; i < dv; i++) {
          int kind = layerShape.valueIsPrefixOfKey() ? 1 : 2;
          out[head * dv + i] +=
              weight * element(kind, owner, tokenIds[t], t, kvHead, i, layerShape.kvHeads());
        }
      }
      for (int i = 0; i < dv; i++) {
        out[head * dv + i] /= sum;
      }
    }
    return out;
  }

  private static double logit(
      LayerShape shape, int layer, int owner, int[] ids, int head, int kvHead, int t) {
    int last = ids.length - 1;
    double dot = 0;
    for (int i = 0; i < shape.keyDim(); i++) {
      dot +=
          (double) element(3, layer, ids[last], last, head, i, shape.queryHeads())
              * element(1, owner, ids[t], t, kvHead, i, shape.kvHeads());
    }
    double logit = dot * shape.scale();
    double cap = shape.logitSoftCap();
    return cap == 0 ? logit : cap * Math.tanh(logit / cap);
  }
}
