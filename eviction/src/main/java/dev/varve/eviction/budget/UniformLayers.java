package dev.varve.eviction.budget;

/** Every layer the same per head. */
public record UniformLayers() implements LayerAllocator {
  @Override
  public long[] allocate(Demand demand) {
    long[] totals = new long[demand.layers()];
    for (int layer = 0; layer < totals.length; layer++) {
      totals[layer] = demand.even(layer);
    }
    return totals;
  }
}
