package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;

/**
 * Short keys first: the L2 norm strategy (Devoto et al., EMNLP 2024, arXiv 2406.11430), Knorm in
 * kvpress. RoPE does not change lengths.
 */
public record KeyNormScorer() implements TokenScorer {

  @Override
  public Needs needs() {
    return Needs.nothing();
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[][] scores = new float[layer.shape().kvHeads()][];
    for (int head = 0; head < scores.length; head++) {
      scores[head] = Rows.norms(layer.keys(), head, workspace);
      for (int i = 0; i < scores[head].length; i++) {
        scores[head][i] = -scores[head][i];
      }
    }
    return Scores.of(scores);
  }
}
