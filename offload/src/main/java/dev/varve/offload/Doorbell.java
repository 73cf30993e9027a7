package dev.varve.offload;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Wakes the one thread that sleeps here because it had nothing to do. Ringing is one read of a
 * field while nobody sleeps, and is never lost: a thread that is about to sleep stays awake.
 * Thread-safe.
 */
public final class Doorbell {

  private volatile boolean rung;
  private volatile @Nullable Thread sleeper;

  /** Wakes the sleeper. */
  public void ring() {
    if (!rung) {
      rung = true;
      Thread thread = sleeper;
      if (thread != null) {
        LockSupport.unpark(thread);
      }
    }
  }

  /** Sleeps until somebody rings, has rung since the last sleep, or the time is over. */
  void sleep(long nanos) {
    sleeper = Thread.currentThread();
    if (!rung) {
      LockSupport.parkNanos(this, nanos);
    }
    sleeper = null;
    rung = false;
  }
}
