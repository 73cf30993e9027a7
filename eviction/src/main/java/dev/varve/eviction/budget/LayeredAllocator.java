package dev.varve.eviction.budget;

import java.util.Optional;

/**
 * Layers first, then the heads of each.
 *
 * @param layers divides among layers
 * @param heads divides what a layer got
 */
public record LayeredAllocator(LayerAllocator layers, HeadAllocator heads)
    implements BudgetAllocator {

  @Override
  public Optional<String> unfit(int layers, int kvHeads) {
    return this.layers.unfit(layers);
  }

  @Override
  public int[][] allocate(Demand demand) {
    long[] totals = layers.allocate(demand);
    int[][] places = new int[totals.length][];
    for (int layer = 0; layer < totals.length; layer++) {
      places[layer] = heads.allocate(demand, layer, totals[layer]);
    }
    return places;
  }
}
