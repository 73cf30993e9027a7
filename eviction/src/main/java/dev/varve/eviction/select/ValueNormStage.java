package dev.varve.eviction.select;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Scores;
import dev.varve.eviction.score.ValueNormScorer;

/**
 * Long values fill the rest (VaN): the second half of InfiniPot-V (Kim et al., NeurIPS 2025, arXiv
 * 2506.15745).
 *
 * @param share of the places that the first scores fill
 */
public record ValueNormStage(double share) implements SecondStage {

  public ValueNormStage {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share must lie between 0 and 1: " + share);
    }
  }

  @Override
  public Needs needs() {
    return Needs.nothing();
  }

  @Override
  public int firstPicks(int picks) {
    return picks - (int) Math.round((1 - share) * picks);
  }

  @Override
  public Scores score(Observation layer, Scores first, Workspace workspace) {
    return new ValueNormScorer().score(layer, workspace);
  }
}
