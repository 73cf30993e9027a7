package dev.varve.eviction.score;

import dev.varve.eviction.observe.KvRows;
import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Tokens that stand out from what follows them: LagKV (Liang et al., 2025, arXiv 2504.04704).
 * Behind the sinks the sequence is cut into lags; a token's channels are scaled by the range that
 * they have in the next lag, and the deviation of the scaled channels, softmaxed over the lag, is
 * its score, for keys and values on average. What the last whole lag and the rest score is above
 * everything else and grows with the position, for nothing follows them.
 *
 * @param sinks first tokens, which are left out
 * @param lag tokens of a lag
 * @param cross compare scores between lags; else ranks within each lag
 */
public record LagKvScorer(int sinks, int lag, boolean cross) implements TokenScorer {

  public LagKvScorer {
    Checks.notNegative(sinks, "sinks");
    Checks.positive(lag, "lag");
  }

  @Override
  public Needs needs() {
    return Needs.nothing();
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    int tokens = layer.tokens();
    int lags = Math.max(0, (tokens - sinks) / lag - 1);
    float[][] scores = new float[layer.shape().kvHeads()][tokens];
    for (int head = 0; head < scores.length; head++) {
      for (int i = 0; i < tokens; i++) {
        scores[head][i] = 2f + i / (float) tokens;
      }
      for (int index = 0; index < lags; index++) {
        float[] keys = shares(layer.keys(), head, index, workspace);
        float[] values = shares(layer.values(), head, index, workspace);
        for (int i = 0; i < lag; i++) {
          keys[i] = (keys[i] + values[i]) / 2;
        }
        float[] lagScores = cross ? keys : ranks(keys);
        System.arraycopy(lagScores, 0, scores[head], sinks + index * lag, lag);
      }
    }
    return Scores.of(scores);
  }

  /** Softmax over a lag of how much its tokens deviate in the scale of the next lag. */
  private float[] shares(KvRows rows, int head, int index, Workspace workspace) {
    int dim = rows.dim();
    float[] both = new float[2 * lag * dim];
    workspace.load(rows, head, sinks + index * lag, 2 * lag, both);
    float[] least = Arrays.copyOfRange(both, lag * dim, (lag + 1) * dim);
    float[] most = least.clone();
    for (int i = lag; i < 2 * lag; i++) {
      for (int c = 0; c < dim; c++) {
        least[c] = Math.min(least[c], both[i * dim + c]);
        most[c] = Math.max(most[c], both[i * dim + c]);
      }
    }
    float[] deviations = new float[lag];
    for (int i = 0; i < lag; i++) {
      deviations[i] = (float) deviation(both, i * dim, least, most);
    }
    workspace.softmax().softmax(deviations, 0, lag, 1f, 0f);
    return deviations;
  }

  private static double deviation(float[] rows, int at, float[] least, float[] most) {
    int dim = least.length;
    double sum = 0;
    double squares = 0;
    for (int c = 0; c < dim; c++) {
      // A channel that stands still in the next lag gives no scale; it counts as it is.
      double range = most[c] > least[c] ? most[c] - least[c] : 1;
      double scaled = (rows[at + c] - least[c]) / range;
      sum += scaled;
      squares += scaled * scaled;
    }
    double variance = (squares - sum * sum / dim) / Math.max(1, dim - 1);
    return Math.sqrt(Math.max(0, variance));
  }

  /** The rank of each score over the length, ties to the lower index. */
  private static float[] ranks(float[] scores) {
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer i) -> scores[i])
                    .thenComparing(Comparator.reverseOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    float[] ranks = new float[scores.length];
    for (int rank = 0; rank < order.length; rank++) {
      ranks[order[rank]] = rank / (float) order.length;
    }
    return ranks;
  }
}
