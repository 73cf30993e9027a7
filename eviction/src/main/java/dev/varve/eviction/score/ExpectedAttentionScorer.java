package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;

/**
 * The attention that future queries are expected to pay: Expected Attention (Devoto et al., 2025,
 * arXiv 2510.00636). Queries before RoPE are modelled as normally distributed, turned by the
 * average of the next positions' rotations; the expectation of {@code exp(logit)} is then known.
 * Uses all stored queries behind the sinks, and needs one at least.
 *
 * @param sinks first positions, whose queries do not count
 * @param future positions to come
 * @param covariance use the spread of the queries, not only their mean
 * @param valueNorm multiply by the length of the value
 * @param epsilon added to the expected share before that
 */
public record ExpectedAttentionScorer(
    int sinks, int future, boolean covariance, boolean valueNorm, double epsilon)
    implements TokenScorer {

  public ExpectedAttentionScorer {
    Checks.notNegative(sinks, "sinks");
    Checks.positive(future, "future");
  }

  @Override
  public Needs needs() {
    return Needs.queries(1);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    int group = layer.shape().group();
    int tokens = layer.tokens();
    FutureQueries queries = new FutureQueries(layer, sinks, future);
    float[][] scores = new float[layer.shape().kvHeads()][tokens];
    for (int head = 0; head < scores.length; head++) {
      float[] keys = workspace.head(layer.keys(), head);
      float[] norms = Rows.norms(layer.values(), head, workspace);
      for (int g = 0; g < group; g++) {
        float[] logits = queries.logits(head * group + g, keys, covariance);
        workspace.softmax().softmax(logits, 0, tokens, 1f, 0f);
        for (int i = 0; i < tokens; i++) {
          scores[head][i] += logits[i] / group;
        }
      }
      for (int i = 0; i < tokens && valueNorm; i++) {
        scores[head][i] = (float) ((scores[head][i] + epsilon) * norms[i]);
      }
    }
    return Scores.of(scores);
  }
}
