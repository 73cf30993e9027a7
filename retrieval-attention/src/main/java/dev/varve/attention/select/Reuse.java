package dev.varve.attention.select;

import dev.varve.attention.index.StepQueries;

/**
 * When the picks of an earlier step serve again. Belongs to one session and one layer, and
 * remembers the step of the last look-up.
 */
public interface Reuse {

  /** Looks up at every step. */
  Reuse NEVER = new NoReuse();

  /** Whether the picks of the last look-up serve this step too; called once a step. */
  boolean serves(StepQueries queries);

  /** Hears that this step looked up. */
  void lookedUp(StepQueries queries);
}
