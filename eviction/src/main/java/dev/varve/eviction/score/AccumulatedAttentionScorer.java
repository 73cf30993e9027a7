package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import java.util.OptionalDouble;

/**
 * Attention that a token has received from all queries: the heavy hitters of H2O (Zhang et al.,
 * NeurIPS 2023, arXiv 2306.14048). Early tokens are seen by more queries; divided by how many see
 * them (ObservedAttention in kvpress) the sums are comparable.
 *
 * @param normalized divide by the number of queries that see the token
 * @param group how the query heads of a group vote together
 */
public record AccumulatedAttentionScorer(boolean normalized, Reduction group)
    implements TokenScorer {

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
    if (normalized) {
      QueryAttention.normalize(columns, QueryAttention.observers(layer));
    }
    return Scores.of(group.reduce(columns, layer.shape().group()));
  }
}
