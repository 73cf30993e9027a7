package dev.varve.eviction.budget;

import java.util.List;
import java.util.Optional;

/**
 * Layers in given proportions, the average kept: the per-layer ratios of kvpress.
 *
 * @param weights one for each layer, not negative, not all 0
 */
public record WeightedLayers(List<Double> weights) implements LayerAllocator {

  public WeightedLayers {
    weights = List.copyOf(weights);
    double sum = 0;
    for (double weight : weights) {
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException("weights must be finite and not negative: " + weight);
      }
      sum += weight;
    }
    if (!(sum > 0)) {
      throw new IllegalArgumentException("weights must not all be 0: " + weights);
    }
  }

  @Override
  public Optional<String> unfit(int layers) {
    return weights.size() == layers
        ? Optional.empty()
        : Optional.of(
            "%d weights for a model of %d layers: give one for each"
                .formatted(weights.size(), layers));
  }

  @Override
  public long[] allocate(Demand demand) {
    unfit(demand.layers())
        .ifPresent(reason -> {
          throw new IllegalArgumentException(reason);
        });
    double[] shares = weights.stream().mapToDouble(Double::doubleValue).toArray();
    return LayerTotals.perHead(demand, shares);
  }
}
