package dev.varve.attention;

import java.util.Arrays;

/**
 * Attention outputs of some tokens and what it takes to merge them with the outputs of others: one
 * row of {@code dim} floats and one log-sum-exp (natural logarithm) per query. Rows without any
 * token have log-sum-exp negative infinity and weigh nothing.
 *
 * <p>Merging is exact: {@code M = max lse_i}, {@code w_i = exp(lse_i - M)}, {@code o = sum w_i o_i
 * / sum w_i}, {@code lse = M + ln sum w_i} (Hydragen, Juravsky et al., 2024; subsets must be
 * disjoint). In floating point the order matters, so whoever needs equal bits folds in a fixed
 * order. Buffers grow and are reused. For one thread at a time.
 */
public final class Partials {

  private int rows;
  private int dim;
  private float[] outputs = {};
  private float[] logSumExps = {};

  /** Makes this {@code rows} empty rows of {@code dim} floats. */
  public Partials reset(int rows, int dim) {
    this.rows = rows;
    this.dim = dim;
    int length = Math.multiplyExact(rows, dim);
    outputs = outputs.length < length ? new float[length] : outputs;
    logSumExps = logSumExps.length < rows ? new float[rows] : logSumExps;
    Arrays.fill(outputs, 0, length, 0);
    Arrays.fill(logSumExps, 0, rows, Float.NEGATIVE_INFINITY);
    return this;
  }

  /** Queries. */
  public int rows() {
    return rows;
  }

  /** Floats of one output. */
  public int dim() {
    return dim;
  }

  /** The outputs, row by row; the array may be longer. */
  public float[] outputs() {
    return outputs;
  }

  /** The log-sum-exps; the array may be longer. */
  public float[] logSumExps() {
    return logSumExps;
  }

  /** Folds row {@code from} of {@code other} into row {@code row}. */
  public void fold(int row, Partials other, int from) {
    float theirs = other.logSumExps[from];
    if (theirs == Float.NEGATIVE_INFINITY) {
      return;
    }
    int at = row * dim;
    int otherAt = from * dim;
    float ours = logSumExps[row];
    if (ours == Float.NEGATIVE_INFINITY) {
      System.arraycopy(other.outputs, otherAt, outputs, at, dim);
      logSumExps[row] = theirs;
      return;
    }
    float most = Math.max(ours, theirs);
    double ourWeight = Math.exp((double) ours - most);
    double theirWeight = Math.exp((double) theirs - most);
    double sum = ourWeight + theirWeight;
    float keep = (float) (ourWeight / sum);
    float add = (float) (theirWeight / sum);
    for (int i = 0; i < dim; i++) {
      outputs[at + i] = outputs[at + i] * keep + other.outputs[otherAt + i] * add;
    }
    logSumExps[row] = (float) (most + Math.log(sum));
  }

  /** Folds every row of {@code other}, which has the same form. */
  public void fold(Partials other) {
    if (other.rows != rows || other.dim != dim) {
      throw new IllegalArgumentException(
          "partials of "
              + other.rows
              + " x "
              + other.dim
              + " do not merge into "
              + rows
              + " x "
              + dim);
    }
    for (int row = 0; row < rows; row++) {
      fold(row, other, row);
    }
  }
}
