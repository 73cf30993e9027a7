package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;

/**
 * Attention received, older queries counting less and less: the scores of ZeroMerge (2025, arXiv
 * 2503.10714). A query that is {@code a} positions old counts {@code decay^a}; the query heads of a
 * group are added.
 *
 * @param decay above 0 and at most 1
 */
public record DecayedAttentionScorer(double decay) implements TokenScorer {

  public DecayedAttentionScorer {
    if (!(decay > 0 && decay <= 1)) {
      throw new IllegalArgumentException("decay must be above 0 and at most 1: " + decay);
    }
  }

  @Override
  public Needs needs() {
    return Needs.attention(Needs.ALL);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    int queries = QueryAttention.available(layer);
    float[][] columns =
        QueryAttention.columns(layer, queries, age -> (float) Math.pow(decay, age), workspace);
    return Scores.of(Reduction.SUM.reduce(columns, layer.shape().group()));
  }
}
