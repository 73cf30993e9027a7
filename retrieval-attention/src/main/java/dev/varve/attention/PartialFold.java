package dev.varve.attention;

import java.util.Arrays;

/**
 * A running merge of partials that is divided only once, at the end. For each query it keeps the
 * largest {@code lse} so far {@code M}, {@code S = sum exp(lse - M)} and {@code A = sum o exp(lse -
 * M)}; the merged output is {@code A / S}. The order of the additions is the order of the result's
 * rounding, so callers fold in ascending token order.
 */
final class PartialFold {
  private int dim = 1;
  private float[] sums = {};
  private float[] max = {};
  private double[] weight = {};

  /** Starts over with {@code queries} empty merges of {@code dim} floats. Grows, never shrinks. */
  void start(int queries, int dim) {
    this.dim = dim;
    int floats = Math.multiplyExact(queries, dim);
    if (sums.length < floats) {
      sums = new float[floats];
    }
    if (max.length < queries) {
      max = new float[queries];
      weight = new double[queries];
    }
    Arrays.fill(max, 0, queries, Float.NEGATIVE_INFINITY);
  }

  /** Folds in the output at {@code o[at]}; an empty one changes nothing. */
  void add(int query, float lse, float[] o, int at) {
    if (lse == Float.NEGATIVE_INFINITY) {
      return;
    }
    int to = query * dim;
    float old = max[query];
    if (old == Float.NEGATIVE_INFINITY) {
      max[query] = lse;
      weight[query] = 1;
      System.arraycopy(o, at, sums, to, dim);
    } else if (lse <= old) {
      double w = StrictMath.exp((double) lse - old);
      weight[query] += w;
      addScaled(sums, to, 1f, o, at, (float) w, dim);
    } else {
      double w = StrictMath.exp((double) old - lse);
      max[query] = lse;
      weight[query] = weight[query] * w + 1;
      addScaled(sums, to, (float) w, o, at, 1f, dim);
    }
  }

  /** Log-sum-exp of what was folded in; negative infinity if nothing was. */
  float lse(int query) {
    return max[query] == Float.NEGATIVE_INFINITY
        ? Float.NEGATIVE_INFINITY
        : (float) (max[query] + StrictMath.log(weight[query]));
  }

  /** Writes the merged output to {@code out[at]}; zeros if nothing was folded in. */
  void output(int query, float[] out, int at) {
    if (max[query] == Float.NEGATIVE_INFINITY) {
      Arrays.fill(out, at, at + dim, 0f);
      return;
    }
    float inverse = (float) (1 / weight[query]);
    for (int i = 0; i < dim; i++) {
      out[at + i] = sums[query * dim + i] * inverse;
    }
  }

  private static void addScaled(
      float[] sums, int to, float scale, float[] o, int at, float weight, int dim) {
    for (int i = 0; i < dim; i++) {
      sums[to + i] = sums[to + i] * scale + o[at + i] * weight;
    }
  }
}
