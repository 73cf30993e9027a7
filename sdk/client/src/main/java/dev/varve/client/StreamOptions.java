package dev.varve.client;

import dev.varve.store.Encoding;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a context is to be streamed.
 *
 * @param levels encodings that are accepted, the least lossy first; empty for the server's own
 * @param target when all must be there; empty for no hurry
 * @param floorBytesPerSecond throughput that there always is
 * @param computes whether the engine computes chunks that would take longer to send
 */
public record StreamOptions(
    List<Encoding> levels,
    Optional<Duration> target,
    OptionalLong floorBytesPerSecond,
    boolean computes) {

  /** Everything at the server's least lossy level. */
  public static final StreamOptions BEST =
      new StreamOptions(List.of(), Optional.empty(), OptionalLong.empty(), false);

  public StreamOptions {
    levels = List.copyOf(levels);
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(floorBytesPerSecond, "floorBytesPerSecond");
  }

  /** The same at one of these levels. */
  public StreamOptions at(List<Encoding> accepted) {
    return new StreamOptions(accepted, target, floorBytesPerSecond, computes);
  }

  /** The same within this time. */
  public StreamOptions within(Duration time) {
    return new StreamOptions(levels, Optional.of(time), floorBytesPerSecond, computes);
  }

  /** The same for an engine that computes what would take longer to send. */
  public StreamOptions computing() {
    return new StreamOptions(levels, target, floorBytesPerSecond, true);
  }
}
