package dev.varve.eviction.select;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Scores;

/**
 * A second opinion: the first scores fill a share of the places, the second ones the rest. An
 * immutable value.
 */
public interface SecondStage {

  /** What {@link #score} looks at. */
  Needs needs();

  /** How many of {@code picks} places the first scores fill. */
  int firstPicks(int picks);

  /** Scores for the rest. */
  Scores score(Observation layer, Scores first, Workspace workspace);
}
