package dev.varve.offload.object;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Numbers the versions of all objects: each is above all before, and above those of an earlier
 * process even where nothing of that is left, as long as the clock was not set back. The hybrid
 * logical clock of Kulkarni et al., 2014. Thread-safe.
 */
final class Versions {

  private static final int LOGICAL_BITS = 10;

  private final AtomicLong last = new AtomicLong();
  private final LongSupplier millis;

  Versions(LongSupplier millis) {
    this.millis = millis;
  }

  /** Takes note of a version that was found. */
  void found(long version) {
    last.accumulateAndGet(version, Math::max);
  }

  long next() {
    long now = Math.max(0, millis.getAsLong()) << LOGICAL_BITS;
    return last.updateAndGet(before -> Math.max(Math.incrementExact(before), now));
  }
}
