package dev.varve.eviction;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.kernel.Backend;

/** Attention weights in doubles, element by element: the judge of the fast way. */
public final class PlainAttention {
  private final Observation layer;
  private final float[][] keys;

  public PlainAttention(Observation layer) {
    this.layer = layer;
    this.keys = new float[layer.shape().kvHeads()][];
    Workspace workspace = new Workspace(Backend.SCALAR);
    for (int head = 0; head < keys.length; head++) {
      keys[head] = workspace.head(layer.keys(), head);
    }
  }

  /**
   * Weights over all tokens of the query {@code age} before the newest; 0 where it sees nothing.
   */
  public double[] row(int queryHead, int age) {
    int tokens = layer.tokens();
    int dim = layer.shape().keyDim();
    int row = layer.queries().count() - 1 - age;
    int position = layer.queries().first() + row;
    int at = layer.queries().offset(queryHead, row);
    float[] head = keys[layer.shape().kvHeadOf(queryHead)];
    double[] weights = new double[tokens];
    double largest = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < tokens; t++) {
      double dot = 0;
      for (int c = 0; c < dim; c++) {
        dot += (double) layer.queries().values()[at + c] * head[t * dim + c];
      }
      boolean seen =
          layer.positions().at(t) <= position
              && layer.positions().at(t) >= layer.shape().firstVisible(position);
      weights[t] = seen ? dot * layer.shape().scale() : Double.NEGATIVE_INFINITY;
      largest = Math.max(largest, weights[t]);
    }
    double sum = 0;
    for (int t = 0; t < tokens; t++) {
      weights[t] = Math.exp(weights[t] - largest);
      sum += weights[t];
    }
    for (int t = 0; t < tokens; t++) {
      weights[t] /= sum;
    }
    return weights;
  }
}
