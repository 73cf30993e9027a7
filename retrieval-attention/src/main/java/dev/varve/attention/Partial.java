package dev.varve.attention;

import dev.varve.store.Checks;
import java.util.Arrays;

/**
 * Attention of some queries over a subset of the tokens: for each query the normalised output and
 * the natural log-sum-exp of its logits. Partials over disjoint subsets merge into the partial over
 * their union (Juravsky et al., Hydragen, 2024): with {@code M = max lse} and {@code w = exp(lse -
 * M)}, {@code o = sum w o / sum w} and {@code lse = M + log sum w}. The partial over no tokens has
 * {@code lse} negative infinity and changes nothing.
 *
 * <p>A query here is one head of one token. Owned by the caller, who may write into the arrays; not
 * thread-safe.
 */
public final class Partial {
  private final int queries;
  private final int dim;
  private final float[] o;
  private final float[] lse;

  /** The partial over no tokens of {@code queries} outputs of {@code dim} floats each. */
  public Partial(int queries, int dim) {
    this.queries = Checks.positive(queries, "queries");
    this.dim = Checks.positive(dim, "dim");
    this.o = new float[Math.multiplyExact(queries, dim)];
    this.lse = new float[queries];
    clear();
  }

  /** Makes this the partial over no tokens. */
  public void clear() {
    Arrays.fill(o, 0f);
    Arrays.fill(lse, Float.NEGATIVE_INFINITY);
  }

  /** Number of queries. */
  public int queries() {
    return queries;
  }

  /** Floats of one output. */
  public int dim() {
    return dim;
  }

  /** The outputs {@code [queries][dim]}, live. */
  public float[] o() {
    return o;
  }

  /** The log-sum-exp of each query, live. */
  public float[] lse() {
    return lse;
  }

  /**
   * Adds the tokens of {@code other}, which must be none of those that this one covers.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public void merge(Partial other) {
    if (other.queries != queries || other.dim != dim) {
      throw new IllegalArgumentException(
          "cannot merge a partial of %d x %d into one of %d x %d"
              .formatted(other.queries, other.dim, queries, dim));
    }
    for (int q = 0; q < queries; q++) {
      merge(q, other);
    }
  }

  private void merge(int q, Partial other) {
    float mine = lse[q];
    float theirs = other.lse[q];
    if (theirs == Float.NEGATIVE_INFINITY) {
      return;
    }
    if (mine == Float.NEGATIVE_INFINITY) {
      lse[q] = theirs;
      System.arraycopy(other.o, q * dim, o, q * dim, dim);
      return;
    }
    double max = Math.max(mine, theirs);
    double weight = StrictMath.exp(mine - max);
    double otherWeight = StrictMath.exp(theirs - max);
    double sum = weight + otherWeight;
    float a = (float) (weight / sum);
    float b = (float) (otherWeight / sum);
    for (int i = q * dim; i < (q + 1) * dim; i++) {
      o[i] = a * o[i] + b * other.o[i];
    }
    lse[q] = (float) (max + StrictMath.log(sum));
  }
}
