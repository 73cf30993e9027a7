package dev.varve.client.internal;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The moment at which a request is given up. */
public final class Deadline {

  private final LongSupplier nanos;
  private final long end;

  /**
   * @param nanos like {@link System#nanoTime}
   */
  public Deadline(LongSupplier nanos, Duration time) {
    this.nanos = nanos;
    this.end = nanos.getAsLong() + time.toNanos();
  }

  /** Nanoseconds left; 0 or less if none are. */
  public long leftNanos() {
    return end - nanos.getAsLong();
  }
}
