package dev.varve.cli.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Stops work that was told to end, where it can: closing asks for the stop and waits until the work
 * has cleaned up behind itself. Thread-safe.
 */
public final class StopSignal implements AutoCloseable {

  private static final int MOST_SECONDS = 20;

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stop;

  /** Ends the work here if it was told to end. */
  public void check() {
    if (stop) {
      throw new Stopped();
    }
  }

  /** Says that there is nothing left to clean up. */
  public void ended() {
    ended.countDown();
  }

  @Override
  public void close() {
    stop = true;
    try {
      if (!ended.await(MOST_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the work did not end in " + MOST_SECONDS + " seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
