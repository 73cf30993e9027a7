package dev.varve.eviction.head;

import dev.varve.eviction.budget.BudgetAllocator;
import dev.varve.eviction.budget.Demand;
import java.util.Optional;

/**
 * Everything for the full heads of a map, the newest tokens for the others. Finds the total itself.
 * A streaming head with {@code n} tokens keeps {@code max(recent, n / compression)} beside its
 * sinks: RazorAttention (Tang et al., ICLR 2025, arXiv 2407.15891); with no compression this is the
 * rule of DuoAttention (Xiao et al., ICLR 2025, arXiv 2410.10819).
 *
 * @param map full and streaming heads
 * @param compression how many times smaller a long streaming head becomes; 0 for always {@code
 *     recent}
 * @param recent least newest tokens of a streaming head
 */
public record HeadMapAllocator(HeadMap map, double compression, int recent)
    implements BudgetAllocator {

  public HeadMapAllocator {
    if (recent < 1) {
      throw new IllegalArgumentException("recent must be at least 1: " + recent);
    }
    if (compression != 0 && !(compression >= 1 && compression < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("compression must be at least 1: " + compression);
    }
  }

  @Override
  public Optional<String> unfit(int layers, int kvHeads) {
    return map.unfit(layers, kvHeads);
  }

  @Override
  public int[][] allocate(Demand demand) {
    map.require(demand.layers(), demand.heads(0));
    int newest = recent;
    if (compression > 0) {
      newest = Math.max(recent, (int) Math.floor(demand.tokens() / compression));
    }
    int streaming = Math.min(newest, demand.candidates());
    int[][] places = new int[demand.layers()][map.kvHeads()];
    for (int layer = 0; layer < places.length; layer++) {
      for (int head = 0; head < places[layer].length; head++) {
        places[layer][head] = map.isFull(layer, head) ? demand.candidates() : streaming;
      }
    }
    return places;
  }
}
