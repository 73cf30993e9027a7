package dev.varve.eviction.score;

import dev.varve.eviction.head.CopyScore;
import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures how much the heads of a layer copy when the same tokens come again and again: the
 * offline search of RazorAttention (Tang et al., ICLR 2025, arXiv 2407.15891). Attention is
 * computed from queries and keys after RoPE.
 */
public final class CopyAttention {
  private CopyAttention() {}

  /**
   * Scores of every KV head: the largest among the query heads of its group.
   *
   * @param layer a prompt with the queries of all its tokens, or their attention
   * @param period tokens after which the prompt repeats itself; at least two periods long
   */
  public static List<CopyScore> of(Observation layer, int period, Workspace workspace) {
    int tokens = layer.tokens();
    if (period < 2 || tokens < 2 * period) {
      throw new IllegalArgumentException(
          "a period of %d does not come twice in %d tokens, or is shorter than 2"
              .formatted(period, tokens));
    }
    Needs.attention(Needs.ALL)
        .missingFrom(layer)
        .ifPresent(reason -> {
          throw new IllegalArgumentException("copying cannot be measured: " + reason);
        });
    double[] induction = new double[layer.shape().queryHeads()];
    double[] echo = new double[induction.length];
    QueryAttention.rows(
        layer,
        tokens,
        workspace,
        (head, age, weights, at, from, to) -> {
          int token = tokens - 1 - age;
          for (int copy = token - period; copy >= 0; copy -= period) {
            echo[head] += weights[at + copy];
            induction[head] += weights[at + copy + 1];
          }
        });
    int repeating = tokens - period;
    List<CopyScore> scores = new ArrayList<>();
    int group = layer.shape().group();
    for (int head = 0; head < induction.length; head += group) {
      CopyScore best = new CopyScore(0, 0);
      for (int h = head; h < head + group; h++) {
        best = best.max(new CopyScore(induction[h] / repeating, echo[h] / repeating));
      }
      scores.add(best);
    }
    return scores;
  }
}
