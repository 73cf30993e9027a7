package dev.varve.sdk.internal;

import dev.varve.sdk.AttendingStats;
import dev.varve.sdk.internal.far.AttentionPlanner;
import java.util.concurrent.atomic.LongAdder;

/** What steps that attend together had in common. Thread-safe. */
public final class AttendingCounters {

  private final LongAdder together = new LongAdder();
  private final LongAdder alone = new LongAdder();
  private final LongAdder blocks = new LongAdder();
  private final LongAdder uses = new LongAdder();

  /** So many steps of a batch attended a layer together. */
  void attendedTogether(int steps) {
    together.add(steps);
  }

  /** So many steps of a batch attended a layer by themselves. */
  void attendedAlone(int steps) {
    alone.add(steps);
  }

  /** A sealed block was read for so many steps of a batch. */
  void blockAttended(int readers) {
    blocks.increment();
    uses.add(readers);
  }

  /** What was counted so far, and what {@code planner} decided. */
  public AttendingStats stats(AttentionPlanner planner) {
    return new AttendingStats(
        together.sum(),
        alone.sum(),
        blocks.sum(),
        uses.sum(),
        planner.broughtUp(),
        planner.inPlace(),
        planner.decisions());
  }
}
