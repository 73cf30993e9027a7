package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;

/**
 * Attention from a few probe queries, averaged over heads: ZipVL (He et al., 2024, arXiv
 * 2410.08584). Tokens are ranked by attention per probe that sees them; the plain sums go along as
 * mass, for how many tokens matter is read from these.
 *
 * @param probes newest queries that probe
 */
public record ZipVlScorer(int probes) implements TokenScorer {

  public ZipVlScorer {
    Checks.positive(probes, "probes");
  }

  @Override
  public Needs needs() {
    return Needs.attention(probes);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[] mass = QueryAttention.mean(QueryAttention.columns(layer, probes, workspace));
    float[] rank = mass.clone();
    QueryAttention.normalize(new float[][] {rank}, QueryAttention.observers(layer, probes));
    return Scores.shared(layer.shape().kvHeads(), rank).withMass(mass);
  }
}
