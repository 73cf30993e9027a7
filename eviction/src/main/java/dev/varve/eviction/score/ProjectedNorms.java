package dev.varve.eviction.score;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;

/**
 * How much a token's value could move the output of a layer: the 1-norm of the value after the
 * output projection, the signal that CriticalKV (Feng et al., 2025, arXiv 2502.03805) asks for. The
 * query heads of a group project the same value; the average over them counts.
 */
public final class ProjectedNorms {
  private ProjectedNorms() {}

  /**
   * Norms of every KV head and token, {@code [kvHeads][tokens]}.
   *
   * @param projection the output projection, {@code [hidden][queryHeads * valueDim]}
   * @param hidden its rows
   */
  public static float[][] of(
      Observation layer, float[] projection, int hidden, Workspace workspace) {
    int dim = layer.shape().valueDim();
    int width = layer.shape().queryHeads() * dim;
    if (hidden < 1 || projection.length != (long) hidden * width) {
      throw new IllegalArgumentException(
          "an output projection of %d rows has %d numbers, given are %d"
              .formatted(hidden, (long) hidden * width, projection.length));
    }
    int group = layer.shape().group();
    int tokens = layer.tokens();
    float[][] norms = new float[layer.shape().kvHeads()][tokens];
    float[] rows = new float[hidden * dim];
    float[] products = new float[hidden * tokens];
    for (int head = 0; head < layer.shape().queryHeads(); head++) {
      for (int row = 0; row < hidden; row++) {
        System.arraycopy(projection, row * width + head * dim, rows, row * dim, dim);
      }
      workspace.multiply(layer.values(), head / group, rows, hidden, products, tokens);
      for (int i = 0; i < products.length; i++) {
        norms[head / group][i % tokens] += Math.abs(products[i]) / group;
      }
    }
    return norms;
  }
}
