package dev.varve.sdk.reading;

import java.time.Duration;

/** What a step does about chosen rows that are not in hot memory. */
public sealed interface Deadline {

  /** Waits until all of them are there: the outputs do not depend on where rows lie. */
  Deadline WAIT = new Wait();

  /** Waits until all of them are there. */
  record Wait() implements Deadline {

    @Override
    public String toString() {
      return "wait";
    }
  }

  /**
   * Brings up what it can until so much time has passed since the layer was asked, goes on without
   * the rest, and asks for that to be hot at a later step. A block that is being read when the time
   * is up is waited for. Outputs depend on where rows lie and on the clock.
   *
   * @param after 0 for never to wait
   */
  record Skip(Duration after) implements Deadline {

    public Skip {
      if (after.isNegative()) {
        throw new IllegalArgumentException(
            "a deadline lies 0 or more after a step began: " + after + " is before it");
      }
    }

    @Override
    public String toString() {
      return "skip(" + after + ")";
    }
  }
}
