package dev.varve.eviction.select;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Scores;

/**
 * What a token would change in the output fills the rest: CriticalKV (Feng et al., 2025, arXiv
 * 2502.03805). The second score is the first one, a little raised, times the 1-norm of the value
 * after the output projection.
 *
 * @param share of the places that the first scores fill
 */
public record CriticalStage(double share) implements SecondStage {
  private static final float RAISED = 1e-4f;

  public CriticalStage {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share must lie between 0 and 1: " + share);
    }
  }

  @Override
  public Needs needs() {
    return Needs.signal(Signal.PROJECTED_NORMS);
  }

  @Override
  public int firstPicks(int picks) {
    return (int) Math.floor(share * picks);
  }

  @Override
  public Scores score(Observation layer, Scores first, Workspace workspace) {
    float[][] norms = layer.signal(Signal.PROJECTED_NORMS);
    if (norms.length != first.heads().length) {
      throw new IllegalArgumentException(
          "%s come in %d rows: needed are %d, one for each KV head"
              .formatted(Signal.PROJECTED_NORMS.words(), norms.length, first.heads().length));
    }
    float[][] scores = new float[norms.length][];
    for (int head = 0; head < norms.length; head++) {
      scores[head] = first.heads()[head].clone();
      for (int i = 0; i < scores[head].length; i++) {
        if (Float.isFinite(scores[head][i])) {
          scores[head][i] = (scores[head][i] + RAISED) * norms[head][i];
        }
      }
    }
    return Scores.of(scores);
  }
}
