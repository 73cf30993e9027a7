package dev.varve.eviction.budget;

/** Places per head of each layer as totals, for layers with equally many heads. */
final class LayerTotals {
  private LayerTotals() {}

  /** Splits the places of one head in proportion to shares; every head of a layer gets the same. */
  static long[] perHead(Demand demand, double[] shares) {
    int heads = demand.heads(0);
    for (int layer = 1; layer < demand.layers(); layer++) {
      if (demand.heads(layer) != heads) {
        throw new IllegalArgumentException(
            "layers with %d and %d KV heads cannot share one budget per head"
                .formatted(heads, demand.heads(layer)));
      }
    }
    long total = (long) demand.free() * demand.layers();
    int[] places = Apportionment.split(shares, total, demand.candidates());
    long[] totals = new long[places.length];
    for (int layer = 0; layer < totals.length; layer++) {
      totals[layer] = (long) heads * places[layer];
    }
    return totals;
  }
}
