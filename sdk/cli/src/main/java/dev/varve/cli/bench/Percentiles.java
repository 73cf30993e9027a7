package dev.varve.cli.bench;

import dev.varve.store.Checks;
import java.util.Arrays;

/**
 * How long something took, in seconds.
 *
 * @param median half of the times are not longer
 * @param p99 99 of 100 are not longer
 * @param longest none is longer
 */
public record Percentiles(double median, double p99, double longest) {

  private static final double SECOND = 1e9;

  /** Of times in nanoseconds, at least one. */
  public static Percentiles of(long[] nanos) {
    Checks.positive(nanos.length, "times");
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Percentiles(
        at(sorted, 0.5) / SECOND, at(sorted, 0.99) / SECOND, sorted[sorted.length - 1] / SECOND);
  }

  /** The nearest rank. */
  private static long at(long[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}
