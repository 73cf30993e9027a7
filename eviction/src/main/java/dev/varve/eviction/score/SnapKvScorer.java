package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;
import java.util.Arrays;

/**
 * The attention of the last queries as votes, smoothed along the sequence: SnapKV (Li et al.,
 * NeurIPS 2024, arXiv 2404.14469). The softmax runs over the whole prompt, then the columns of the
 * window itself are left out: those tokens score above everything and belong into the protected
 * tail.
 *
 * @param window queries that vote
 * @param kernel odd width of the smoothing
 * @param pooling kind of the smoothing
 * @param group how a group's query heads vote together, before smoothing
 */
public record SnapKvScorer(int window, int kernel, Pooling pooling, Reduction group)
    implements TokenScorer {

  public SnapKvScorer {
    Checks.positive(window, "window");
    Pooling.requireKernel(kernel);
  }

  @Override
  public Needs needs() {
    return Needs.attention(window);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    int tokens = layer.tokens();
    float[][] columns = QueryAttention.columns(layer, window, workspace);
    float[][] votes = group.reduce(columns, layer.shape().group());
    for (int head = 0; head < votes.length; head++) {
      float[] smooth = pooling.smooth(votes[head], tokens - window, kernel);
      votes[head] = Arrays.copyOf(smooth, tokens);
      Arrays.fill(votes[head], tokens - window, tokens, Float.POSITIVE_INFINITY);
    }
    return Scores.of(votes);
  }
}
