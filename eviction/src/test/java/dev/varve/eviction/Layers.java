package dev.varve.eviction;

import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Layers of normally distributed numbers, and layers written out by hand. */
public final class Layers {
  public static final int QUERY_HEADS = 4;
  public static final int KV_HEADS = 2;
  public static final int DIM = 16;

  private Layers() {}

  /** A fresh seed, printed so that a failure can be repeated. */
  public static long seed(String test) {
    long seed = new SplittableRandom().nextLong();
    System.out.println(test + " with seed " + seed);
    return seed;
  }

  /** A prompt of {@code tokens} tokens with all its queries. */
  public static Observation random(long seed, int layer, int tokens) {
    return random(seed, layer, tokens, tokens);
  }

  /** A prompt with its last {@code queries} queries. */
  public static Observation random(long seed, int layer, int tokens, int queries) {
    LayerShape shape =
        LayerShape.grouped(
            QUERY_HEADS, KV_HEADS, DIM, RopeSpec.of(DIM, 10000, RopeSpec.Pairing.HALVES));
    SplittableRandom random = new SplittableRandom(seed + layer);
    float[] keys = floats(random, KV_HEADS * tokens * DIM);
    float[] values = floats(random, KV_HEADS * tokens * DIM);
    float[] asked = floats(random, QUERY_HEADS * queries * DIM);
    return of(layer, shape, tokens, keys, values, asked);
  }

  /** Several layers. */
  public static List<Observation> model(long seed, int layers, int tokens) {
    List<Observation> model = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      model.add(random(seed, layer, tokens));
    }
    return model;
  }

  /** A prompt whose numbers are given; as many queries as {@code queries} holds. */
  public static Observation of(
      int layer, LayerShape shape, int tokens, float[] keys, float[] values, float[] queries) {
    int count = queries.length / (shape.queryHeads() * shape.keyDim());
    QueryRows rows =
        count == 0
            ? QueryRows.none()
            : new QueryRows(queries, shape.queryHeads(), count, shape.keyDim(), tokens - count);
    return Observation.prompt(
        layer,
        shape,
        DenseRows.of(keys, shape.kvHeads(), tokens, shape.keyDim()),
        DenseRows.of(values, shape.kvHeads(), tokens, shape.valueDim()),
        rows);
  }

  /** One query head and one KV head, scale 1, no RoPE: keys and values one element wide. */
  public static Observation single(float[] keys, float[] values, float... queries) {
    return of(0, shape(1, 1, 1, 1f), keys.length, keys, values, queries);
  }

  /** A shape with a scale of its own and no RoPE. */
  public static LayerShape shape(int queryHeads, int kvHeads, int dim, float scale) {
    return new LayerShape(
        queryHeads,
        kvHeads,
        dim,
        dim,
        scale,
        0f,
        RopeSpec.none(),
        0,
        false,
        java.util.OptionalInt.empty());
  }

  public static float[] floats(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
