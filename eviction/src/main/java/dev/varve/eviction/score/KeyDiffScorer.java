package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;

/**
 * Keys unlike the average key first: KeyDiff (Park et al., 2025, arXiv 2504.15364). The score is
 * minus the cosine with the mean of the keys scaled to length 1.
 */
public record KeyDiffScorer() implements TokenScorer {

  @Override
  public Needs needs() {
    return Needs.nothing();
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[][] scores = new float[layer.shape().kvHeads()][];
    int dim = layer.keys().dim();
    for (int head = 0; head < scores.length; head++) {
      float[] keys = workspace.head(layer.keys(), head);
      float[] anchor = anchor(keys, layer.tokens(), dim);
      scores[head] = new float[layer.tokens()];
      for (int token = 0; token < layer.tokens(); token++) {
        scores[head][token] = (float) -Rows.cosine(keys, token, anchor, 0, dim);
      }
    }
    return Scores.of(scores);
  }

  private static float[] anchor(float[] keys, int tokens, int dim) {
    double[] sums = new double[dim];
    for (int token = 0; token < tokens; token++) {
      double length = Math.sqrt(Rows.dot(keys, token, keys, token, dim));
      for (int c = 0; c < dim && length > 0; c++) {
        sums[c] += keys[token * dim + c] / length;
      }
    }
    float[] anchor = new float[dim];
    for (int c = 0; c < dim; c++) {
      anchor[c] = (float) (sums[c] / tokens);
    }
    return anchor;
  }
}
