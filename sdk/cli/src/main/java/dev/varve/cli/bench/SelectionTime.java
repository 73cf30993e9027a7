package dev.varve.cli.bench;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How long a choice takes.
 *
 * @param name of the method
 * @param seconds median of ours
 * @param exactSeconds median of exact attention over everything
 * @param speedup median of exact over ours
 * @param goal the speed-up aimed at, if there is one
 * @param bytes bytes that were read to choose
 * @param overFloor median of ours over the time to read so many bytes from memory
 * @param read tokens that the first KV head then reads
 */
public record SelectionTime(
    String name,
    double seconds,
    double exactSeconds,
    double speedup,
    OptionalDouble goal,
    long bytes,
    double overFloor,
    int read) {

  /** Whether the goal is reached; empty where there is none. */
  public Optional<Boolean> reached() {
    return goal.isPresent() ? Optional.of(speedup >= goal.getAsDouble()) : Optional.empty();
  }
}
