package dev.varve.attention.prefill;

import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Takes the heaviest of some entries until they hold a share of the mass. */
final class MassOrder {
  private MassOrder() {}

  /**
   * Adds the fewest of the entries {@code [0, count)} that together with those already in {@code
   * taken} hold at least {@code share} of all mass; of equals the lower first. A share of 1 takes
   * all that weigh anything.
   */
  static void take(double[] mass, int count, double share, BitSet taken) {
    double total = 0;
    double held = 0;
    for (int i = 0; i < count; i++) {
      total += mass[i];
      held += taken.get(i) ? mass[i] : 0;
    }
    int[] order =
        IntStream.range(0, count)
            .filter(i -> !taken.get(i) && mass[i] > 0)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -mass[i]).thenComparing(i -> i))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i : order) {
      if (share < 1 && held >= share * total) {
        return;
      }
      taken.set(i);
      held += mass[i];
    }
  }

  /** Adds the {@code wanted} heaviest entries. */
  static void takeCount(double[] mass, int count, int wanted, BitSet taken) {
    IntStream.range(0, count)
        .filter(i -> mass[i] > 0)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -mass[i]).thenComparing(i -> i))
        .limit(wanted)
        .forEach(taken::set);
  }
}
