package dev.varve.offload;

import dev.varve.store.Checks;
import java.time.Duration;

/**
 * How long blocks wait for a tier that could not be written. The pause doubles with every failure
 * in a row.
 *
 * @param blocks that may wait for one tier; more are dropped
 * @param tries after which a block is given up, at least 1
 * @param firstPause before the first try
 * @param longestPause no pause is longer
 */
public record RetryLimits(int blocks, int tries, Duration firstPause, Duration longestPause) {

  /** 4096 blocks, each tried 10 times over some two minutes. */
  public static final RetryLimits DEFAULT =
      new RetryLimits(4096, 10, Duration.ofMillis(100), Duration.ofSeconds(30));

  public RetryLimits {
    Checks.positive(blocks, "blocks");
    Checks.positive(tries, "tries");
    if (firstPause.compareTo(Duration.ZERO) <= 0 || longestPause.compareTo(firstPause) < 0) {
      throw new IllegalArgumentException(
          "pauses must obey 0 < firstPause <= longestPause: firstPause "
              + firstPause
              + ", longestPause "
              + longestPause);
    }
  }

  /** Nanoseconds to wait after {@code failures} failures in a row, at least one. */
  long pauseNanos(int failures) {
    long first = firstPause.toNanos();
    long longest = longestPause.toNanos();
    int doublings = Math.min(failures - 1, Long.numberOfLeadingZeros(first) - 1);
    return Math.min(longest, first << doublings);
  }
}
