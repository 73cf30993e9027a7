package dev.varve.eviction.budget;

import dev.varve.store.Checks;

/**
 * More for early layers, less for late ones, in even steps: PyramidKV (Cai et al., COLM 2025, arXiv
 * 2406.02069). With an average of {@code b} places beside what is protected, the last layer gets
 * {@code b / beta} and the first what makes the average right. Where the first would get more than
 * there is, it gets all, and the last accordingly more; where the average is above half of the
 * tokens every layer gets the same. The published rule rounds down to whole steps and misses the
 * total; here it is met.
 *
 * @param beta steepness, at least 1
 */
public record PyramidLayers(int beta) implements LayerAllocator {

  public PyramidLayers {
    Checks.positive(beta, "beta");
  }

  @Override
  public long[] allocate(Demand demand) {
    int layers = demand.layers();
    double average = demand.free();
    double last = average / beta;
    double first = 2 * average - last;
    if (2 * average > demand.tokens() || layers == 1) {
      return new UniformLayers().allocate(demand);
    }
    if (first > demand.candidates()) {
      first = demand.candidates();
      last = 2 * average - first;
    }
    double[] shares = new double[layers];
    for (int layer = 0; layer < layers; layer++) {
      shares[layer] = first - layer * (first - last) / (layers - 1);
    }
    return LayerTotals.perHead(demand, shares);
  }
}
