package dev.varve.eviction.budget;

import dev.varve.eviction.score.Scores;
import java.util.Arrays;

/**
 * As many tokens as hold a share of a layer's attention: ZipVL (He et al., 2024, arXiv 2410.08584).
 * Finds the total itself. Counts plain attention sums in descending order, protected tokens
 * included, and gives what they leave to every head of the layer.
 *
 * @param share of the attention to hold, above 0 and at most 1
 */
public record MassAllocator(double share) implements BudgetAllocator {

  public MassAllocator {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("share must be above 0 and at most 1: " + share);
    }
  }

  @Override
  public int[][] allocate(Demand demand) {
    int[][] places = new int[demand.layers()][];
    for (int layer = 0; layer < places.length; layer++) {
      Scores scores = demand.scores().get(layer);
      float[] mass =
          scores
              .mass()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "a budget by attention mass needs a method that measures attention"));
      places[layer] = new int[demand.heads(layer)];
      int needed = needed(mass) - demand.protect();
      Arrays.fill(places[layer], Math.clamp(needed, 0, demand.candidates()));
    }
    return places;
  }

  /** The fewest tokens that hold the share. */
  private int needed(float[] mass) {
    if (share == 1) {
      return mass.length;
    }
    float[] sorted = mass.clone();
    Arrays.sort(sorted);
    double total = 0;
    for (float value : sorted) {
      total += value;
    }
    double held = 0;
    int count = 0;
    // Sums of equal parts must not miss their share by a rounding.
    while (count < sorted.length && held < share * total * (1 - 1e-6)) {
      held += sorted[sorted.length - 1 - count];
      count++;
    }
    return count;
  }
}
