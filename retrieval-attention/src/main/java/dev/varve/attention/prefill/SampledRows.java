package dev.varve.attention.prefill;

import dev.varve.attention.index.KeyScores;
import dev.varve.attention.index.StepQueries;
import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import java.util.Arrays;

/**
 * Exact attention rows of some tokens of a chunk, for every query head of a group: probabilities
 * over the positions up to the token's own, zeros after it.
 */
final class SampledRows {
  private final SoftmaxKernel softmax;
  private final FloatRows queries = new FloatRows();
  private final FloatRows dots = new FloatRows();
  private float[] rows = {};

  SampledRows(Backend backend) {
    this.softmax = SoftmaxKernel.of(backend);
  }

  /**
   * Rows of the tokens {@code first, first + stride, ...} of the chunk, {@code [token][head of the
   * group][position]}; valid until the next call.
   */
  float[] compute(StepQueries chunk, KeyScores keys, int kvHead, int first, int stride) {
    Checks.positive(stride, "stride");
    LayerShape shape = chunk.shape();
    int group = shape.group();
    int end = chunk.endPosition();
    int count = count(chunk, first, stride) * group;
    if (rows.length < Math.multiplyExact(count, end)) {
      rows = new float[count * end];
    }
    Arrays.fill(rows, 0, count * end, 0f);
    int row = 0;
    for (int t = first; t < chunk.tokens(); t += stride) {
      int position = chunk.firstPosition() + t;
      int from = shape.firstVisible(position);
      FloatRows all = chunk.all(kvHead);
      queries.at(all.values(), all.offset(t * group), shape.keyDim(), group);
      dots.at(rows, row * end + from, end, group);
      keys.score(kvHead, queries, from, position + 1, dots);
      for (int g = 0; g < group; g++, row++) {
        int visible = position + 1 - from;
        softmax.softmax(rows, row * end + from, visible, shape.scale(), shape.logitSoftCap());
      }
    }
    return rows;
  }

  /** How many tokens {@link #compute} takes. */
  static int count(StepQueries chunk, int first, int stride) {
    return Math.max(0, Math.ceilDiv(chunk.tokens() - first, stride));
  }
}
