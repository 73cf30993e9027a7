package dev.varve.offload;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps a duty for as long as it is open; a thread of the owner's runs it. Finding nothing to do,
 * it sleeps until the doorbell rings, or a little longer each time. A failure of the duty is logged
 * and counted, and the duty is stepped again after a pause.
 *
 * <p>The form is that of Agrona's {@code Agent} and its runner.
 */
public final class Agent implements Runnable, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private static final long SHORTEST_NANOS = 1_000_000;
  private static final long LONGEST_NANOS = 100_000_000;
  private static final long FAILURE_NANOS = 1_000_000_000;

  private enum Phase {
    NEW,
    RUNNING,
    CLOSED
  }

  private final IntSupplier duty;
  private final Doorbell doorbell;
  private final Counters counters;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile Phase phase = Phase.NEW;

  /**
   * @param duty does a little of what is due; returns 0 if nothing was
   * @param doorbell rung when there may be something to do
   */
  public Agent(IntSupplier duty, Doorbell doorbell, Counters counters) {
    this.duty = duty;
    this.doorbell = doorbell;
    this.counters = counters;
  }

  /** Runs until {@link #close}; at once over if that was called before. */
  @Override
  public void run() {
    if (!begin()) {
      return;
    }
    try {
      long pause = SHORTEST_NANOS;
      while (phase == Phase.RUNNING) {
        int done = step();
        if (done < 0) {
          // Not at the doorbell: what fails would fail again at every ring.
          await(closing, FAILURE_NANOS);
        } else if (done == 0) {
          doorbell.sleep(pause);
        }
        pause = done == 0 ? Math.min(LONGEST_NANOS, 2 * pause) : SHORTEST_NANOS;
      }
    } finally {
      over.countDown();
    }
  }

  private synchronized boolean begin() {
    if (phase == Phase.RUNNING) {
      throw new IllegalStateException("the agent runs already: give it one thread");
    }
    if (phase == Phase.NEW) {
      phase = Phase.RUNNING;
      return true;
    }
    return false;
  }

  /** What the duty returned, or -1 after a failure. */
  private int step() {
    try {
      return Math.max(0, duty.getAsInt());
    } catch (Throwable e) {
      // The thread must outlive whatever fails: nobody else would notice that it is gone.
      counters.agentFailed();
      LOG.error("moving blocks failed and is tried again in a second", e);
      return -1;
    }
  }

  /** Ends the agent after the step that is under way, and waits for that. Idempotent. */
  @Override
  public void close() {
    end();
    closing.countDown();
    doorbell.ring();
    while (over.getCount() > 0) {
      await(over, FAILURE_NANOS);
    }
  }

  private synchronized void end() {
    if (phase == Phase.NEW) {
      over.countDown();
    }
    phase = Phase.CLOSED;
  }

  /** Waits whatever interrupts: a batch that is under way must end before its memory goes. */
  private static void await(CountDownLatch latch, long nanos) {
    boolean interrupted = Thread.interrupted();
    try {
      var _ = latch.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
