package dev.varve.engine;

import dev.varve.sdk.EngineTensor;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Keys and values of one session on the heap, in f32, and exact causal attention over them. */
final class PlainCache implements LayerAttention {
  private final ModelShape shape;
  private final List<List<float[][]>> keys = new ArrayList<>();
  private final List<List<float[][]>> values = new ArrayList<>();

  PlainCache(ModelShape shape) {
    this.shape = shape;
    for (int i = 0; i < shape.layerCount(); i++) {
      keys.add(new ArrayList<>());
      values.add(new ArrayList<>());
    }
  }

  int length() {
    return keys.getLast().size();
  }

  void truncate(int length) {
    keys.forEach(layer -> layer.subList(length, layer.size()).clear());
    values.forEach(layer -> layer.subList(length, layer.size()).clear());
  }

  @Override
  public void attend(int layer, EngineTensor k, EngineTensor v, EngineTensor q, EngineTensor out) {
    LayerShape layerShape = shape.layers().get(layer);
    for (int t = 0; t < q.tokens(); t++) {
      keys.get(layer).add(token(k, t));
      values.get(layer).add(token(v, t));
      float[][] queries = token(q, t);
      for (int h = 0; h < queries.length; h++) {
        attend(layer, layerShape, h, queries[h], out, t);
      }
    }
  }

  private void attend(
      int layer, LayerShape layerShape, int head, float[] query, EngineTensor out, int token) {
    int kvHead = layerShape.kvHeadOf(head);
    List<float[][]> seen = keys.get(layer);
    double[] weights = new double[seen.size()];
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < weights.length; i++) {
      float[] key = seen.get(i)[kvHead];
      for (int d = 0; d < query.length; d++) {
        weights[i] += (double) query[d] * key[d];
      }
      weights[i] *= layerShape.scale();
      largest = Math.max(largest, weights[i]);
    }
    double total = 0;
    double[] sum = new double[layerShape.valueDim()];
    for (int i = 0; i < weights.length; i++) {
      double weight = Math.exp(weights[i] - largest);
      total += weight;
      for (int d = 0; d < sum.length; d++) {
        sum[d] += weight * values.get(layer).get(i)[kvHead][d];
      }
    }
    for (int d = 0; d < sum.length; d++) {
      long at = out.offset(token, head) + (long) d * Float.BYTES;
      out.memory().set(ValueLayout.JAVA_FLOAT, at, (float) (sum[d] / total));
    }
  }

  private static float[][] token(EngineTensor tensor, int token) {
    float[][] heads = new float[tensor.heads()][tensor.dim()];
    for (int h = 0; h < heads.length; h++) {
      for (int d = 0; d < tensor.dim(); d++) {
        long at = tensor.offset(token, h) + (long) d * Float.BYTES;
        heads[h][d] = tensor.memory().get(ValueLayout.JAVA_FLOAT, at);
      }
    }
    return heads;
  }
}
