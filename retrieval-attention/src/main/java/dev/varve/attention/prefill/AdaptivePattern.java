package dev.varve.attention.prefill;

import dev.varve.attention.index.KeyScores;
import dev.varve.attention.index.StepQueries;
import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import java.util.BitSet;

/**
 * FlexPrefill (Lai et al., 2025): for each query head the attention of the chunk's mean query,
 * pooled by block, is compared with the pooled attention of its last queries. If the square root of
 * their Jensen-Shannon divergence is small, the mean query is trusted and the fewest blocks are
 * read that hold the wanted share of its mass; else the fewest columns and diagonals that hold it.
 * The first block and the nearest diagonal are always read, and everything where there is little.
 */
public final class AdaptivePattern implements PrefillPattern {
  private final double share;
  private final double trust;
  private final int observed;
  private final int leastTokens;
  private final SampledRows rows;
  private final SoftmaxKernel softmax;
  private final FloatRows dots = new FloatRows();

  /**
   * @param share of the mass to hold, from 0 to 1; the paper's 0.9
   * @param trust divergence below which the mean query is trusted, from 0 to 1; the paper's 0.1
   * @param observed last queries that are looked at; the paper's 128
   * @param leastTokens read everything up to so many tokens; the paper's 512
   */
  public AdaptivePattern(
      double share, double trust, int observed, int leastTokens, Backend backend) {
    this.share = Shares.require(share, "share");
    this.trust = Shares.require(trust, "trust");
    this.observed = Checks.positive(observed, "observed");
    this.leastTokens = Checks.notNegative(leastTokens, "leastTokens");
    this.rows = new SampledRows(backend);
    this.softmax = SoftmaxKernel.of(backend);
  }

  @Override
  public void choose(StepQueries chunk, KeyScores keys, int blockTokens, BitSet[] blocks) {
    int end = chunk.endPosition();
    int count = Math.ceilDiv(end, blockTokens);
    for (int head = 0; head < blocks.length; head++) {
      if (end <= Math.max(2 * blockTokens, leastTokens)) {
        blocks[head].set(0, count);
      } else {
        choose(chunk, keys, head, blockTokens, blocks[head]);
      }
    }
  }

  private void choose(StepQueries chunk, KeyScores keys, int head, int blockTokens, BitSet blocks) {
    int end = chunk.endPosition();
    int group = chunk.shape().group();
    int count = Math.ceilDiv(end, blockTokens);
    float[] estimated = new float[group * end];
    keys.score(head, chunk.mean(head), 0, end, dots.at(estimated, 0, end, group));
    int first = Math.max(0, chunk.tokens() - observed);
    float[] sampled = rows.compute(chunk, keys, head, first, 1);
    int tokens = chunk.tokens() - first;
    for (int g = 0; g < group; g++) {
      softmax.softmax(estimated, g * end, end, chunk.shape().scale(), chunk.shape().logitSoftCap());
      double[] guess = new double[count];
      double[] truth = new double[count];
      double[] columns = new double[end];
      double[] diagonals = new double[end];
      for (int i = 0; i < end; i++) {
        guess[i / blockTokens] += estimated[g * end + i];
      }
      for (int t = 0; t < tokens; t++) {
        int row = (t * group + g) * end;
        int position = chunk.firstPosition() + first + t;
        for (int i = 0; i <= position; i++) {
          truth[i / blockTokens] += sampled[row + i] / tokens;
          columns[i] += sampled[row + i];
          diagonals[position - i] += sampled[row + i];
        }
      }
      BitSet taken = new BitSet(count);
      if (Math.sqrt(divergence(guess, truth)) < trust) {
        taken.set(0);
        taken.set(chunk.firstPosition() / blockTokens, count);
        MassOrder.take(guess, count, share, taken);
      } else {
        taken = lines(chunk, columns, diagonals, blockTokens);
      }
      blocks.or(taken);
    }
  }

  private BitSet lines(StepQueries chunk, double[] columns, double[] diagonals, int blockTokens) {
    BitSet vertical = new BitSet();
    vertical.set(0, Math.min(columns.length, blockTokens));
    MassOrder.take(columns, columns.length, share, vertical);
    BitSet slash = new BitSet();
    slash.set(0);
    MassOrder.take(diagonals, diagonals.length, share, slash);
    return VerticalSlashPattern.blocks(chunk, vertical, slash, blockTokens);
  }

  /** Jensen-Shannon divergence in bits: from 0 to 1. */
  static double divergence(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double middle = (a[i] + b[i]) / 2;
      sum += a[i] > 0 ? a[i] * Math.log(a[i] / middle) / 2 : 0;
      sum += b[i] > 0 ? b[i] * Math.log(b[i] / middle) / 2 : 0;
    }
    return Math.max(0, sum / Math.log(2));
  }
}
