package dev.varve.sdk.attention;

import dev.varve.attention.Partial;

/**
 * Attention of some queries over a part of the tokens: for each query, that is for each query head
 * of each token, the normalised output and the natural log-sum-exp of its logits. Results over
 * parts that share no token merge into the result over both (Juravsky et al., Hydragen, 2024). The
 * result over no tokens has a log-sum-exp of negative infinity and changes nothing. Not
 * thread-safe.
 */
public final class PartialAttention {

  private final Partial partial;

  /** The result over no tokens of {@code queries} outputs of {@code dim} floats each. */
  public PartialAttention(int queries, int dim) {
    this.partial = new Partial(queries, dim);
  }

  /** Query heads times tokens. */
  public int queries() {
    return partial.queries();
  }

  /** Floats of one output. */
  public int dim() {
    return partial.dim();
  }

  /** The outputs {@code [tokens][queryHeads][dim]}, live. */
  public float[] outputs() {
    return partial.o();
  }

  /** The log-sum-exp of each query, live. */
  public float[] logSumExps() {
    return partial.lse();
  }

  /** Makes this the result over no tokens. */
  public void clear() {
    partial.clear();
  }

  /**
   * Adds the tokens of {@code other}, which must be none of those that this one covers.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public void merge(PartialAttention other) {
    partial.merge(other.partial);
  }

  /** Takes over a result of the same shape. */
  public void set(float[] outputs, float[] logSumExps) {
    if (outputs.length != partial.o().length || logSumExps.length != partial.lse().length) {
      throw new IllegalArgumentException(
          "%d outputs and %d log-sum-exps are given, %d and %d are wanted"
              .formatted(
                  outputs.length, logSumExps.length, partial.o().length, partial.lse().length));
    }
    System.arraycopy(outputs, 0, partial.o(), 0, outputs.length);
    System.arraycopy(logSumExps, 0, partial.lse(), 0, logSumExps.length);
  }
}
