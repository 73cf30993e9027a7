package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;

/**
 * The newer, the better: with protected sinks this is StreamingLLM (Xiao et al., ICLR 2024, arXiv
 * 2309.17453). Looks at no content.
 */
public record RecencyScorer() implements TokenScorer {

  @Override
  public Needs needs() {
    return Needs.nothing();
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[] row = new float[layer.tokens()];
    for (int i = 0; i < row.length; i++) {
      row[i] = i;
    }
    return Scores.shared(layer.shape().kvHeads(), row);
  }
}
