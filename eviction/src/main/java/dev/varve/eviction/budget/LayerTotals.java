package dev.varve.eviction.budget;

/** Places per head of each layer as totals, for layers with equally many heads. */
final class LayerTotals {
  private LayerTotals() {}

  /** Splits all places in proportion to shares; exact to the single place. */
  static long[] perHead(Demand demand, double[] shares) {
    int heads = demand.heads(0);
    for (int layer = 1; layer < demand.layers(); layer++) {
      if (demand.heads(layer) != heads) {
        throw new IllegalArgumentException(
            "layers with %d and %d KV heads cannot share one budget per head"
                .formatted(heads, demand.heads(layer)));
      }
    }
    int most = Math.multiplyExact(heads, demand.candidates());
    int[] totals = Apportionment.split(shares, demand.total(), most);
    long[] wide = new long[totals.length];
    for (int layer = 0; layer < wide.length; layer++) {
      wide[layer] = totals[layer];
    }
    return wide;
  }
}
