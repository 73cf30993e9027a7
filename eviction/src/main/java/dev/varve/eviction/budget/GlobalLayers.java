package dev.varve.eviction.budget;

/**
 * The best tokens of all layers and heads together: what a layer gets is how many of them are its
 * own, as in KVzip (Kim et al., NeurIPS 2025, arXiv 2505.23416). Ties go to the earlier layer.
 */
public record GlobalLayers() implements LayerAllocator {

  @Override
  public long[] allocate(Demand demand) {
    float[][][] heads = new float[demand.layers()][][];
    for (int layer = 0; layer < heads.length; layer++) {
      heads[layer] = demand.scores().get(layer).heads();
    }
    int[][] counts = TopCounts.of(heads, demand.from(), demand.to(), demand.total());
    long[] totals = new long[heads.length];
    for (int layer = 0; layer < totals.length; layer++) {
      for (int count : counts[layer]) {
        totals[layer] += count;
      }
    }
    return totals;
  }
}
