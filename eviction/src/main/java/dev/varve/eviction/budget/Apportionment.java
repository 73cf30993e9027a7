package dev.varve.eviction.budget;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Whole numbers in proportion to shares that add up exactly: the largest-remainder method
 * (Hamilton), with a ceiling that every part obeys. What a part cannot take goes to the others.
 */
public final class Apportionment {
  private Apportionment() {}

  /**
   * Splits {@code total} in proportion to {@code shares}; equal remainders favour the lower index.
   *
   * @param shares not negative, finite
   * @param most largest part
   * @throws IllegalArgumentException if the parts cannot hold {@code total}
   */
  public static int[] split(double[] shares, long total, int most) {
    if (total < 0 || total > (long) most * shares.length) {
      throw new IllegalArgumentException(
          "%d parts of at most %d cannot add up to %d".formatted(shares.length, most, total));
    }
    double[] quotas = quotas(shares, total, most);
    int[] parts = new int[shares.length];
    long left = total;
    for (int i = 0; i < parts.length; i++) {
      // A quota that is whole but for rounding counts as whole.
      parts[i] = (int) Math.min(most, Math.floor(quotas[i] + 1e-9));
      left -= parts[i];
    }
    int[] order =
        IntStream.range(0, parts.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> parts[i] - quotas[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    while (left > 0) {
      for (int i : order) {
        if (left > 0 && parts[i] < most) {
          parts[i]++;
          left--;
        }
      }
    }
    return parts;
  }

  /** Shares scaled to {@code total}; a part above the ceiling stays there and the rest grows. */
  private static double[] quotas(double[] shares, long total, int most) {
    double[] quotas = new double[shares.length];
    boolean[] full = new boolean[shares.length];
    boolean changed = true;
    while (changed) {
      changed = false;
      double open = 0;
      double left = total;
      int count = 0;
      for (int i = 0; i < shares.length; i++) {
        open += full[i] ? 0 : shares[i];
        count += full[i] ? 0 : 1;
        left -= full[i] ? most : 0;
      }
      for (int i = 0; i < shares.length; i++) {
        double share = open > 0 ? shares[i] / open : 1.0 / Math.max(1, count);
        quotas[i] = full[i] ? most : left * share;
      }
      for (int i = 0; i < shares.length; i++) {
        if (!full[i] && quotas[i] > most) {
          full[i] = true;
          changed = true;
        }
      }
    }
    return quotas;
  }
}
