package dev.varve.cli.bench;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Bytes of ours beside bytes of something else.
 *
 * @param name what was written
 * @param than what it is compared with
 * @param plain bytes before
 * @param ours bytes after, by us
 * @param theirs bytes after, by the other
 * @param goal most that ours over theirs should be, if there is a goal
 */
public record SizeFinding(
    String name, String than, long plain, long ours, double theirs, OptionalDouble goal) {

  /** Ours over theirs. */
  public double ratio() {
    return ours / theirs;
  }

  /** Whether the goal is reached; empty where there is none. */
  public Optional<Boolean> reached() {
    return goal.isPresent() ? Optional.of(ratio() <= goal.getAsDouble()) : Optional.empty();
  }
}
