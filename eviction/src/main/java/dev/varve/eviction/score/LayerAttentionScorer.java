package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import java.util.OptionalDouble;

/**
 * Attention that a token has received from all queries, averaged over all heads of the layer: the
 * scores of Elastic Cache (Liu et al., ECCV 2024, arXiv 2407.18121) and PrefixKV (Wang et al.,
 * 2024, arXiv 2412.03409). All heads of a layer keep the same tokens.
 */
public record LayerAttentionScorer() implements TokenScorer {

  @Override
  public Needs needs() {
    return Needs.attention(Needs.ALL);
  }

  @Override
  public OptionalDouble decay() {
    return OptionalDouble.of(1);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[][] columns = QueryAttention.sums(layer, age -> 1f, workspace);
    float[] mean = QueryAttention.mean(columns);
    return Scores.shared(layer.shape().kvHeads(), mean).withMass(mean);
  }
}
