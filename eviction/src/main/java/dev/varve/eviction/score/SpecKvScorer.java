package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;
import java.util.Arrays;

/**
 * SnapKV with a look ahead: a draft model's answer stands behind the prompt, so that the window
 * holds what future queries may look like: SpecKV (2025, arXiv 2506.08373). A token's vote is the
 * largest attention that any query head of the group pays it from anywhere in the window. With
 * nothing to look ahead at this is SnapKV that votes by maximum.
 *
 * @param window queries of the prompt that vote
 * @param lookahead tokens of the draft at the end of what is observed; their queries vote too
 * @param kernel odd width of the smoothing by maximum
 */
public record SpecKvScorer(int window, int lookahead, int kernel) implements TokenScorer {

  public SpecKvScorer {
    Checks.positive(window, "window");
    Checks.notNegative(lookahead, "lookahead");
    Pooling.requireKernel(kernel);
  }

  @Override
  public Needs needs() {
    return Needs.attention(window + lookahead);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    int tokens = layer.tokens();
    int voters = window + lookahead;
    float[][] peaks = QueryAttention.peaks(layer, voters, workspace);
    float[][] votes = Reduction.MAX.reduce(peaks, layer.shape().group());
    for (int head = 0; head < votes.length; head++) {
      votes[head] = Arrays.copyOf(Pooling.MAX.smooth(votes[head], tokens - voters, kernel), tokens);
      Arrays.fill(votes[head], tokens - voters, tokens - lookahead, Float.POSITIVE_INFINITY);
      Arrays.fill(votes[head], tokens - lookahead, tokens, Float.NEGATIVE_INFINITY);
    }
    return Scores.of(votes);
  }
}
