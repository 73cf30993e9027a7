package dev.varve.attention.prefill;

import dev.varve.attention.index.KeyScores;
import dev.varve.attention.index.StepQueries;
import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import java.util.BitSet;

/**
 * SampleAttention (Zhu et al., 2025): some rows of the chunk's attention are reckoned exactly; of
 * every query head the fewest block columns are read that, with the local window, hold the wanted
 * share of these rows' mass.
 */
public final class StripePattern implements PrefillPattern {
  private final double share;
  private final int stride;
  private final double window;
  private final SampledRows rows;

  /**
   * @param share of the mass to hold, from 0 to 1; 1 reads everything that weighs anything
   * @param stride one row in so many is reckoned, the last one always
   * @param window newest tokens that are always read, as a share of all
   */
  public StripePattern(double share, int stride, double window, Backend backend) {
    this.share = Shares.require(share, "share");
    this.stride = Checks.positive(stride, "stride");
    this.window = Shares.require(window, "window");
    this.rows = new SampledRows(backend);
  }

  @Override
  public void choose(StepQueries chunk, KeyScores keys, int blockTokens, BitSet[] blocks) {
    int end = chunk.endPosition();
    int count = Math.ceilDiv(end, blockTokens);
    int local = (int) Math.round(window * end);
    int group = chunk.shape().group();
    int first = (chunk.tokens() - 1) % stride;
    for (int head = 0; head < blocks.length; head++) {
      float[] sampled = rows.compute(chunk, keys, head, first, stride);
      int tokens = SampledRows.count(chunk, first, stride);
      for (int g = 0; g < group; g++) {
        double[] mass = new double[count];
        for (int t = 0; t < tokens; t++) {
          int row = (t * group + g) * end;
          for (int i = 0; i < end; i++) {
            mass[i / blockTokens] += sampled[row + i];
          }
        }
        BitSet taken = new BitSet(count);
        int oldest = Math.max(0, Math.min(end - 1 - local, chunk.firstPosition()));
        taken.set(oldest / blockTokens, count);
        MassOrder.take(mass, count, share, taken);
        blocks[head].or(taken);
      }
    }
  }
}
