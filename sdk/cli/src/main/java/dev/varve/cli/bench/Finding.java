package dev.varve.cli.bench;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One measured quantity beside a probe of the same run.
 *
 * @param name what was measured
 * @param value ours
 * @param unit of the value, the goal and the probe
 * @param goal most that is aimed at, if there is a goal
 * @param probe what ours is compared with, empty for nothing
 * @param probed the probe's value, if there is one
 */
public record Finding(
    String name,
    double value,
    String unit,
    OptionalDouble goal,
    String probe,
    OptionalDouble probed) {

  /** A finding with neither goal nor probe. */
  static Finding of(String name, double value, String unit) {
    return new Finding(name, value, unit, OptionalDouble.empty(), "", OptionalDouble.empty());
  }

  /** The same with a goal: at most this. */
  Finding atMost(double most) {
    return new Finding(name, value, unit, OptionalDouble.of(most), probe, probed);
  }

  /** The same beside a probe. */
  Finding beside(String what, double theirs) {
    return new Finding(name, value, unit, goal, what, OptionalDouble.of(theirs));
  }

  /** Whether the goal is reached; empty where there is none. */
  public Optional<Boolean> reached() {
    return goal.isPresent() ? Optional.of(value <= goal.getAsDouble()) : Optional.empty();
  }
}
