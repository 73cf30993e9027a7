package dev.varve.attention.index;

import dev.varve.store.LayerShape;
import dev.varve.store.kernel.FloatRows;

/**
 * The probe query of ActQKV (Xiao et al., 2025): the queries of a step averaged with weights that
 * grow with how unusual each token's activations are, measured by squared distance from a running
 * mean over running variance, channel by channel. One token is its own probe. Belongs to one
 * session and one layer.
 */
final class ActivationProbe {
  private static final int MOST_UPDATES = 1000;

  private final LayerShape shape;
  private final double[] mean;
  private final double[] variance;
  private final float[] probe;
  private double[] weights = {};
  private int updates;

  ActivationProbe(LayerShape shape) {
    this.shape = shape;
    int channels = shape.queryHeads() * shape.keyDim();
    this.mean = new double[channels];
    this.variance = new double[channels];
    this.probe = new float[channels];
  }

  /** Learns from the queries of a step; returns their probe, {@code [queryHeads][keyDim]}. */
  float[] probe(StepQueries queries) {
    int tokens = queries.tokens();
    learn(queries);
    weigh(queries);
    int dim = shape.keyDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      FloatRows rows = queries.all(head);
      for (int g = 0; g < shape.group(); g++) {
        for (int i = 0; i < dim; i++) {
          double sum = 0;
          for (int t = 0; t < tokens; t++) {
            sum += weights[t] * rows.values()[rows.offset(t * shape.group() + g) + i];
          }
          probe[(head * shape.group() + g) * dim + i] = (float) sum;
        }
      }
    }
    return probe;
  }

  /** The weight of a token in the last probe; all weights add up to 1. */
  double weight(int token) {
    return weights[token];
  }

  private void learn(StepQueries queries) {
    updates = Math.min(MOST_UPDATES, updates + 1);
    int dim = shape.keyDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      FloatRows rows = queries.all(head);
      for (int c = 0; c < shape.group() * dim; c++) {
        double sum = 0;
        double squares = 0;
        for (int t = 0; t < queries.tokens(); t++) {
          double x = rows.values()[rows.offset(t * shape.group()) + c];
          sum += x;
          squares += x * x;
        }
        double average = sum / queries.tokens();
        int channel = head * shape.group() * dim + c;
        double spread = Math.max(0, squares / queries.tokens() - average * average);
        mean[channel] += (average - mean[channel]) / updates;
        variance[channel] += (spread - variance[channel]) / updates;
      }
    }
  }

  private void weigh(StepQueries queries) {
    int tokens = queries.tokens();
    if (weights.length < tokens) {
      weights = new double[tokens];
    }
    double averageVariance = 0;
    for (double v : variance) {
      averageVariance += v / variance.length;
    }
    double total = 0;
    int channels = shape.group() * shape.keyDim();
    for (int t = 0; t < tokens; t++) {
      double bias = 0;
      for (int head = 0; head < shape.kvHeads(); head++) {
        FloatRows rows = queries.all(head);
        for (int c = 0; c < channels; c++) {
          double away =
              rows.values()[rows.offset(t * shape.group()) + c] - mean[head * channels + c];
          double scale = variance[head * channels + c] + averageVariance / 100;
          bias += scale == 0 ? 0 : away * away / scale;
        }
      }
      weights[t] = bias;
      total += bias;
    }
    for (int t = 0; t < tokens; t++) {
      weights[t] = total == 0 ? 1.0 / tokens : weights[t] / total;
    }
  }
}
