package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;

/** Long values first (VaN), as in InfiniPot-V (Kim et al., NeurIPS 2025, arXiv 2506.15745). */
public record ValueNormScorer() implements TokenScorer {

  @Override
  public Needs needs() {
    return Needs.nothing();
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[][] scores = new float[layer.shape().kvHeads()][];
    for (int head = 0; head < scores.length; head++) {
      scores[head] = Rows.norms(layer.values(), head, workspace);
    }
    return Scores.of(scores);
  }
}
