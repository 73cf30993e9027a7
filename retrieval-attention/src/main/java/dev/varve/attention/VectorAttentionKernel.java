package dev.varve.attention;

import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.WeightedSumKernel;

/**
 * Three passes of vector kernels: all dot products of the tile, softmax of each query's, weighted
 * sums of the values. Each stored row is converted once for all queries of the tile.
 */
final class VectorAttentionKernel implements AttentionKernel {
  private final DotKernel dots;
  private final SoftmaxKernel softmax;
  private final WeightedSumKernel sums;
  private final FloatRows weightRows = new FloatRows();
  private float[] weights = {};

  VectorAttentionKernel(DotKernel dots, SoftmaxKernel softmax, WeightedSumKernel sums) {
    this.dots = dots;
    this.softmax = softmax;
    this.sums = sums;
  }

  @Override
  public void attend(AttentionTile tile) {
    int queries = tile.queries().rows();
    int rows = tile.keys().rows();
    if (weights.length < queries * rows) {
      weights = new float[queries * rows];
    }
    weightRows.at(weights, 0, rows, queries);
    dots.multiply(tile.keys(), tile.queries(), weightRows);
    for (int q = 0; q < queries; q++) {
      float lse =
          softmax.softmax(
              weights,
              weightRows.offset(q),
              rows,
              tile.scale(),
              tile.softCap(),
              tile.bias(),
              tile.biasOffset());
      tile.setLse(q, lse);
    }
    sums.sum(tile.values(), weightRows, tile.out());
  }
}
