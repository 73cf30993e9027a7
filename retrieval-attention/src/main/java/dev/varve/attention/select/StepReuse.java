package dev.varve.attention.select;

import dev.varve.attention.index.StepQueries;
import dev.varve.store.Checks;

/** Looks up at every n-th step. */
public final class StepReuse implements Reuse {
  private final int every;
  private int since;

  /** Looks up once in {@code every} steps; 1 for each step. */
  public StepReuse(int every) {
    this.every = Checks.positive(every, "every");
    this.since = every;
  }

  @Override
  public boolean serves(StepQueries queries) {
    return ++since < every;
  }

  @Override
  public void lookedUp(StepQueries queries) {
    since = 0;
  }
}
