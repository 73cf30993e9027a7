package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;
import java.util.Arrays;

/**
 * Redundancy along time (TaR): the first half of InfiniPot-V (Kim et al., NeurIPS 2025, arXiv
 * 2506.15745). Behind a system prompt the tokens are frames of a video, one frame after the other;
 * what has changed against the same place of the recent frames scores high. The recent frames
 * themselves score above everything, newer ones more. Frames are told by the positions of tokens,
 * so they stay aligned when an earlier eviction took some, and the newest may be cut short. Looks
 * at no query.
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
    int[] places = new int[tokens];
    int first = tokens;
    for (int token = tokens - 1; token >= 0; token--) {
      places[token] = layer.positions().at(token) - system;
      first = places[token] >= 0 ? token : first;
    }
    int frames = Math.ceilDiv(tokens - first, frame);
    int newest = Math.max(1, (int) (frames * recent));
    int oldestRecent = Math.floorDiv(places[tokens - 1], frame) - newest + 1;
    float[][] scores = new float[layer.shape().kvHeads()][tokens];
    for (int head = 0; head < scores.length; head++) {
      float[] keys = workspace.head(layer.keys(), head);
      for (int token = 0; token < tokens; token++) {
        scores[head][token] =
            Math.floorDiv(places[token], frame) < oldestRecent
                ? (float) -similarity(keys, layer.keys().dim(), places, token, oldestRecent)
                : 2f + token / (float) tokens;
      }
    }
    return Scores.of(scores);
  }

  /**
   * Mean cosine of a token's key with the keys at its place in those recent frames that still have
   * one there; 0 if none has.
   */
  private double similarity(float[] keys, int dim, int[] places, int token, int oldestRecent) {
    if (places[token] < 0) {
      return -1;
    }
    double sum = 0;
    int found = 0;
    int last = Math.floorDiv(places[places.length - 1], frame);
    for (int f = oldestRecent; f <= last; f++) {
      int other = Arrays.binarySearch(places, f * frame + places[token] % frame);
      if (other >= 0) {
        sum += Rows.cosine(keys, token, keys, other, dim);
        found++;
      }
    }
    return found == 0 ? 0 : sum / found;
  }
}
