package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;

/**
 * Redundancy along time (TaR): the first half of InfiniPot-V (Kim et al., NeurIPS 2025, arXiv
 * 2506.15745). Behind a system prompt the tokens are frames of a video, one frame after the other;
 * what has changed against the same place of the recent frames scores high. The recent frames
 * themselves score above everything, newer ones more. Looks at no query.
 *
 * @param system tokens before the first frame
 * @param frame tokens of a frame
 * @param recent share of the frames that count as recent; at least one does
 */
public record FrameChangeScorer(int system, int frame, double recent) implements TokenScorer {

  public FrameChangeScorer {
    Checks.notNegative(system, "system");
    Checks.positive(frame, "frame");
    if (!(recent > 0 && recent <= 1)) {
      throw new IllegalArgumentException("recent must be above 0 and at most 1: " + recent);
    }
  }

  @Override
  public Needs needs() {
    return Needs.nothing();
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    int tokens = layer.tokens();
    if (tokens <= system || (tokens - system) % frame != 0) {
      throw new IllegalArgumentException(
          "%d tokens behind a system prompt of %d are no whole frames of %d: set system and frame"
              .formatted(tokens - system, system, frame));
    }
    int frames = (tokens - system) / frame;
    int newest = Math.max(1, (int) (frames * recent));
    float[][] scores = new float[layer.shape().kvHeads()][tokens];
    for (int head = 0; head < scores.length; head++) {
      float[] keys = workspace.head(layer.keys(), head);
      for (int token = 0; token < tokens; token++) {
        int place = token - system;
        scores[head][token] =
            place / frame < frames - newest
                ? (float) -similarity(keys, layer.keys().dim(), place, frames, newest)
                : 2f + token / (float) tokens;
      }
    }
    return Scores.of(scores);
  }

  /** Mean cosine of a token's key with the keys at its place in the recent frames. */
  private double similarity(float[] keys, int dim, int place, int frames, int newest) {
    if (place < 0) {
      return -1;
    }
    double sum = 0;
    for (int f = frames - newest; f < frames; f++) {
      int other = system + f * frame + place % frame;
      sum += Rows.cosine(keys, system + place, keys, other, dim);
    }
    return sum / newest;
  }
}
