package dev.varve.eviction.score;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Rotary;

/**
 * Queries to come as a normal distribution: mean and covariance of the stored queries, turned back
 * to before RoPE and forward again by the average rotation of the next positions.
 */
final class FutureQueries {
  private final Observation layer;
  private final int first;
  private final int dim;
  private final double[] turn;

  FutureQueries(Observation layer, int sinks, int future) {
    this.layer = layer;
    this.dim = layer.shape().keyDim();
    QueryRows queries = layer.queries();
    int behind = Math.max(0, sinks - queries.first());
    this.first = behind < queries.count() ? behind : 0;
    this.turn = averageTurn(layer.shape().rope(), queries.first() + queries.count(), future);
  }

  /** The logarithm of the expected {@code exp(logit)} of every key: {@code [tokens]}. */
  float[] logits(int queryHead, float[] keys, boolean covariance) {
    double[][] before = beforeRope(queryHead);
    double[] mean = new double[dim];
    for (double[] query : before) {
      for (int c = 0; c < dim; c++) {
        mean[c] += query[c] / before.length;
      }
    }
    double[] turned = apply(mean);
    double[] spread = covariance ? spread(before, mean) : new double[0];
    double scale = layer.shape().scale();
    float[] logits = new float[layer.tokens()];
    for (int token = 0; token < logits.length; token++) {
      double logit = 0;
      for (int c = 0; c < dim; c++) {
        logit += turned[c] * keys[token * dim + c];
      }
      double square = covariance ? quadratic(spread, keys, token * dim) : 0;
      logits[token] = (float) (scale * logit + scale * scale * square / 2);
    }
    return logits;
  }

  private double[][] beforeRope(int queryHead) {
    QueryRows queries = layer.queries();
    Rotary rotary = new Rotary(layer.shape().rope());
    double[][] before = new double[queries.count() - first][dim];
    float[] row = new float[dim];
    for (int i = 0; i < before.length; i++) {
      System.arraycopy(queries.values(), queries.offset(queryHead, first + i), row, 0, dim);
      if (layer.shape().rope().dims() > 0) {
        rotary.prepare(-(queries.first() + first + i), 1);
        rotary.turn(row, 1, 1, dim);
      }
      for (int c = 0; c < dim; c++) {
        before[i][c] = row[c];
      }
    }
    return before;
  }

  /** The average rotation of {@code count} positions from {@code position} on, row by row. */
  private double[] averageTurn(RopeSpec rope, int position, int count) {
    double[] average = new double[dim * dim];
    Rotary rotary = new Rotary(rope);
    float[] units = new float[dim * dim];
    for (int step = 0; step < count; step++) {
      java.util.Arrays.fill(units, 0f);
      for (int c = 0; c < dim; c++) {
        units[c * dim + c] = 1f;
      }
      if (rope.dims() > 0) {
        rotary.prepare(position + step, 1);
        rotary.turn(units, 1, dim, dim);
      }
      for (int i = 0; i < units.length; i++) {
        average[i] += (double) units[i] / count;
      }
    }
    return average;
  }

  /**
   * The average rotation of a vector; row {@code c} of the matrix is what unit {@code c} becomes.
   */
  private double[] apply(double[] vector) {
    double[] out = new double[dim];
    for (int c = 0; c < dim; c++) {
      for (int r = 0; r < dim; r++) {
        out[r] += vector[c] * turn[c * dim + r];
      }
    }
    return out;
  }

  private double[] spread(double[][] queries, double[] mean) {
    double[] covariance = new double[dim * dim];
    for (double[] query : queries) {
      for (int a = 0; a < dim; a++) {
        for (int b = 0; b < dim; b++) {
          covariance[a * dim + b] += (query[a] - mean[a]) * (query[b] - mean[b]) / queries.length;
        }
      }
    }
    return transposed(turnRows(transposed(turnRows(covariance))));
  }

  private double[] turnRows(double[] matrix) {
    double[] out = new double[matrix.length];
    for (int row = 0; row < dim; row++) {
      double[] vector = java.util.Arrays.copyOfRange(matrix, row * dim, (row + 1) * dim);
      System.arraycopy(apply(vector), 0, out, row * dim, dim);
    }
    return out;
  }

  private double[] transposed(double[] matrix) {
    double[] out = new double[matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      out[i % dim * dim + i / dim] = matrix[i];
    }
    return out;
  }

  private double quadratic(double[] matrix, float[] keys, int at) {
    double sum = 0;
    for (int a = 0; a < dim; a++) {
      double row = 0;
      for (int b = 0; b < dim; b++) {
        row += matrix[a * dim + b] * keys[at + b];
      }
      sum += row * keys[at + a];
    }
    return sum;
  }
}
