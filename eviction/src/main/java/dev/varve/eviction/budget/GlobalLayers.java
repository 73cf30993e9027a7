package dev.varve.eviction.budget;

import java.util.Arrays;

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
    double[] shares = new double[heads.length];
    int widest = 0;
    for (int layer = 0; layer < shares.length; layer++) {
      for (int count : counts[layer]) {
        shares[layer] += count;
      }
      widest = Math.max(widest, counts[layer].length);
    }
    // The counts add up; they change only where a layer cannot use all of its own.
    int most = Math.multiplyExact(widest, demand.candidates());
    int[] places = Apportionment.split(shares, demand.total(), most);
    return Arrays.stream(places).asLongStream().toArray();
  }
}
