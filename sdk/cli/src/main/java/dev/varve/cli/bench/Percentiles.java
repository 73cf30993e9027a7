package dev.varve.cli.bench;

import dev.varve.store.Checks;

/**
 * How long something took, in seconds.
 *
 * @param median half of the times are not longer
 * @param p99 99 of 100 are not longer
 * @param longest none is longer
 */
public record Percentiles(double median, double p99, double longest) {

  private static final double MICROS = 1e6;

  /** Of times in nanoseconds, at least one. */
  public static Percentiles of(long[] nanos) {
    Checks.positive(nanos.length, "times");
    Latencies sorted = new Latencies(nanos.clone());
    return new Percentiles(
        sorted.micros(0.5) / MICROS, sorted.micros(0.99) / MICROS, sorted.micros(1) / MICROS);
  }
}
