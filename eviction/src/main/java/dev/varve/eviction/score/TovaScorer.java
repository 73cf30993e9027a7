package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;

/**
 * The attention of the last query alone, averaged over all heads of the layer: TOVA (Oren et al.,
 * EMNLP 2024, arXiv 2401.06104). All heads keep the same tokens.
 */
public record TovaScorer() implements TokenScorer {

  @Override
  public Needs needs() {
    return Needs.attention(1);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[] mean = QueryAttention.mean(QueryAttention.columns(layer, 1, workspace));
    return Scores.shared(layer.shape().kvHeads(), mean);
  }
}
