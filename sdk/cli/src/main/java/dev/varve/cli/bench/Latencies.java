package dev.varve.cli.bench;

import java.util.Arrays;

/** Times of single calls, the clock's own included. */
final class Latencies {

  private final long[] sorted;

  /** Sorts {@code nanos} and keeps them. */
  Latencies(long[] nanos) {
    Arrays.sort(nanos);
    this.sorted = nanos;
  }

  /** The time that this share of the calls does not exceed, in microseconds. */
  double micros(double share) {
    return sorted[(int) Math.min(sorted.length - 1L, (long) (share * sorted.length))] / 1e3;
  }
}
