package dev.varve.attention.select;

import dev.varve.attention.index.StepQueries;

/** Looks up at every step. */
final class NoReuse implements Reuse {

  @Override
  public boolean serves(StepQueries queries) {
    return false;
  }

  @Override
  public void lookedUp(StepQueries queries) {}
}
