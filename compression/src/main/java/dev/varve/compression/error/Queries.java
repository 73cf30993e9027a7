package dev.varve.compression.error;

import dev.varve.store.LayerShape;
import java.util.Objects;
import java.util.SplittableRandom;

/** Queries of one layer at consecutive positions, counted from the first token of the keys. */
public final class Queries {
  private final int count;
  private final int firstPosition;
  private final float[] values;

  /**
   * Real queries.
   *
   * @param count positions
   * @param firstPosition the last token that the first query sees
   * @param values {@code [queryHeads][count][keyDim]}; borrowed
   */
  public Queries(LayerShape shape, int count, int firstPosition, float[] values) {
    Objects.checkFromIndexSize(0, shape.queryHeads() * count * shape.keyDim(), values.length);
    this.count = count;
    this.firstPosition = firstPosition;
    this.values = values;
  }

  /**
   * Queries for keys of which none are known: the difference of two tokens' keys of the head, so
   * that they point where keys differ, at a length that gives the logits over all tokens a standard
   * deviation of {@code spread}. All see all tokens.
   *
   * @param keys {@code [kvHeads][tokens][keyDim]}
   */
  public static Queries sampled(
      LayerShape shape,
      float[] keys,
      int tokens,
      int count,
      double spread,
      SplittableRandom random) {
    int dim = shape.keyDim();
    float[] values = new float[shape.queryHeads() * count * dim];
    for (int row = 0; row < shape.queryHeads() * count; row++) {
      int head = shape.kvHeadOf(row / count);
      int first = random.nextInt(tokens);
      int second = (first + 1 + random.nextInt(Math.max(1, tokens - 1))) % tokens;
      int one = (head * tokens + first) * dim;
      int other = (head * tokens + second) * dim;
      for (int j = 0; j < dim; j++) {
        values[row * dim + j] = keys[one + j] - keys[other + j];
      }
      scale(values, row * dim, keys, head * tokens * dim, tokens, dim, spread / shape.scale());
    }
    return new Queries(shape, count, Integer.MAX_VALUE - count, values);
  }

  private static void scale(
      float[] values, int at, float[] keys, int from, int tokens, int dim, double spread) {
    double sum = 0;
    double squares = 0;
    for (int token = 0; token < tokens; token++) {
      double dot = 0;
      for (int j = 0; j < dim; j++) {
        dot += (double) values[at + j] * keys[from + token * dim + j];
      }
      sum += dot;
      squares += dot * dot;
    }
    double variance = squares / tokens - (sum / tokens) * (sum / tokens);
    float factor = variance > 0 ? (float) (spread / Math.sqrt(variance)) : 0f;
    for (int j = 0; j < dim; j++) {
      values[at + j] *= factor;
    }
  }

  /** Queries of each head. */
  public int count() {
    return count;
  }

  /** How many of {@code tokens} tokens query {@code i} of a head sees. */
  int visible(int i, int tokens) {
    return Math.min(tokens - 1, firstPosition + i) + 1;
  }

  float[] values() {
    return values;
  }
}
