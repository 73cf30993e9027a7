package dev.varve.store.remote;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps callers from a server that does not answer: after a few failures in a row nobody asks it
 * for a while, then one caller tries, and every failure doubles the pause (Nygard, Release It!,
 * 2007). Thread-safe.
 */
final class CircuitBreaker {

  static final int MOST_FAILURES = 3;
  static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final LongSupplier nanoTime;
  private int failures;
  private long pauseNanos;
  private long openedAt;

  /**
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  CircuitBreaker(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Whether the server may be asked now; who is told so says how it went. */
  synchronized boolean permits() {
    if (pauseNanos == 0) {
      return true;
    }
    long now = nanoTime.getAsLong();
    if (now - openedAt < pauseNanos) {
      return false;
    }
    openedAt = now;
    return true;
  }

  /** Whether callers are kept away. */
  synchronized boolean open() {
    return pauseNanos > 0;
  }

  /** Notes an answer; returns whether the server had been given up. */
  synchronized boolean succeeded() {
    boolean back = pauseNanos > 0;
    failures = 0;
    pauseNanos = 0;
    return back;
  }

  /** Notes that no answer came; returns whether the server is given up with this. */
  synchronized boolean failed() {
    failures++;
    if (failures < MOST_FAILURES) {
      return false;
    }
    boolean first = pauseNanos == 0;
    openedAt = nanoTime.getAsLong();
    pauseNanos = first ? FIRST_PAUSE.toNanos() : Math.min(2 * pauseNanos, LONGEST_PAUSE.toNanos());
    return first;
  }
}
