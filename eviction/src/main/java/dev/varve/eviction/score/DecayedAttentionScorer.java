package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import java.util.OptionalDouble;

/**
 * Attention received, older queries counting less and less: the scores of ZeroMerge (2025, arXiv
 * 2503.10714). A query that is {@code a} positions old counts {@code factor^a}; the query heads of
 * a group are added.
 *
 * @param factor how much a query counts for the one after it; above 0 and at most 1
 */
public record DecayedAttentionScorer(double factor) implements TokenScorer {

  public DecayedAttentionScorer {
    if (!(factor > 0 && factor <= 1)) {
      throw new IllegalArgumentException("decay must be above 0 and at most 1: " + factor);
    }
  }

  @Override
  public Needs needs() {
    return Needs.attention(Needs.ALL);
  }

  @Override
  public OptionalDouble decay() {
    return OptionalDouble.of(factor);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[][] columns = QueryAttention.sums(layer, age -> (float) Math.pow(factor, age), workspace);
    return Scores.of(Reduction.SUM.reduce(columns, layer.shape().group()));
  }
}
