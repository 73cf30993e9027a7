package dev.varve.attention;

import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.StoredRows;
import dev.varve.store.kernel.WeightedSumKernel;
import java.lang.foreign.MemorySegment;

/**
 * Attention of some queries over consecutive tokens of one head of one block, all of which every
 * query sees. The result of a query depends on nothing but its own floats and these tokens. Scratch
 * memory is reused. For one thread at a time.
 */
final class BlockAttention {

  private final DotKernel dots;
  private final SoftmaxKernel softmax;
  private final WeightedSumKernel sums;
  private final StoredRows rows = new StoredRows();
  private final FloatRows weightRows = new FloatRows();
  private final FloatRows outputRows = new FloatRows();
  private float[] weights = {};

  BlockAttention(Backend backend) {
    dots = DotKernel.of(backend);
    softmax = SoftmaxKernel.of(backend);
    sums = WeightedSumKernel.of(backend);
  }

  /** Which tokens of which head of a block are attended. */
  record Tile(MemorySegment block, BlockGeometry geometry, int head, int from, int count) {}

  /** Writes one row of {@code out} per query; {@code out} is reset to that form. */
  void attend(Tile tile, FloatRows queries, LayerShape shape, Partials out) {
    BlockGeometry geometry = tile.geometry();
    int tokens = tile.count();
    int count = queries.rows();
    if (weights.length < count * tokens) {
      weights = new float[count * tokens];
    }
    out.reset(count, shape.valueDim());
    weightRows.at(weights, 0, tokens, count);
    rows.layout(geometry.dtype(), shape.keyDim(), geometry.keyRowBytes())
        .at(tile.block(), geometry.keyOffset(tile.head(), tile.from()), tokens);
    dots.multiply(rows, queries, weightRows);
    logits(shape, count * tokens);
    for (int q = 0; q < count; q++) {
      out.logSumExps()[q] = softmax.weigh(weights, q * tokens, tokens);
    }
    rows.layout(geometry.dtype(), shape.valueDim(), geometry.valueRowBytes())
        .at(tile.block(), geometry.valueOffset(tile.head(), tile.from()), tokens);
    sums.sum(rows, weightRows, outputRows.at(out.outputs(), 0, shape.valueDim(), count));
  }

  private void logits(LayerShape shape, int count) {
    float scale = shape.scale();
    for (int i = 0; i < count; i++) {
      weights[i] *= scale;
    }
    float cap = shape.logitSoftCap();
    for (int i = 0; cap > 0 && i < count; i++) {
      weights[i] = (float) (cap * Math.tanh(weights[i] / cap));
    }
  }
}
