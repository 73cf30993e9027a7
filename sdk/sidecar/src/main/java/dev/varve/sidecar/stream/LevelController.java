package dev.varve.sidecar.stream;

import java.util.OptionalDouble;

/**
 * Picks the level of each chunk of one stream, so that the whole is there in time with as little
 * loss as that allows. Neither reads a clock nor measures: what is known comes in. For one thread.
 *
 * <p>A level is taken if sending all remaining chunks at it is expected to end in time, at a part
 * of the throughput measured ({@link #SAFETY}). Where a floor of the throughput is promised, the
 * chunk must besides leave time for the rest at the smallest level and that floor: so the target is
 * met whenever sending everything at the smallest level meets it. Without any measurement the
 * smallest level is sent. Towards less loss it goes one level a chunk, and only with some room
 * ({@link #MARGIN}); towards more loss as far as it must. A chunk is sent as text where computing
 * it takes less time than its transfer.
 *
 * <p>Source: the adaptation of CacheGen (Liu et al., SIGCOMM 2024, section 5.3), which takes the
 * throughput of the last chunk as it is and knows neither floor nor hysteresis.
 */
public final class LevelController {

  /** Part of the measured throughput that is counted on. */
  public static final double SAFETY = 0.8;

  /** A less lossy level must end in this part of the time that remains. */
  public static final double MARGIN = 0.9;

  private final StreamCosts costs;
  private final StreamTarget target;
  private final RemainingCosts remainder;
  private int last = -1;

  public LevelController(StreamCosts costs, StreamTarget target) {
    this.costs = costs;
    this.target = target;
    this.remainder = new RemainingCosts(costs);
  }

  /**
   * Picks how to send a chunk; once for each, in order.
   *
   * @param elapsedSeconds since the stream began
   * @param bytesPerSecond throughput of this stream as measured last; empty if unknown
   */
  public StreamChoice choose(int chunk, double elapsedSeconds, OptionalDouble bytesPerSecond) {
    double remaining = target.seconds() - elapsedSeconds;
    OptionalDouble counted =
        bytesPerSecond.isEmpty()
            ? bytesPerSecond
            : OptionalDouble.of(SAFETY * bytesPerSecond.getAsDouble());
    int level = level(chunk, remaining, counted);
    last = level;
    double recompute = costs.recomputeSeconds(chunk);
    boolean text = counted.isPresent() && recompute < time(chunk, level, counted.getAsDouble());
    return text ? new StreamChoice.AsText() : new StreamChoice.AtLevel(level);
  }

  private int level(int chunk, double remaining, OptionalDouble counted) {
    if (remaining == Double.POSITIVE_INFINITY) {
      return 0;
    }
    int smallest = costs.levels() - 1;
    if (counted.isEmpty() && target.floorBytesPerSecond() == 0) {
      return smallest;
    }
    remainder.from(chunk);
    double rate = counted.orElse(target.floorBytesPerSecond());
    int first = last < 0 ? 0 : Math.max(0, last - 1);
    for (int level = first; level < smallest; level++) {
      boolean up = last >= 0 && level < last;
      double allowed = up ? remaining * MARGIN : remaining;
      if (remainder.seconds(level, rate) <= allowed && safe(chunk, level, remaining)) {
        return level;
      }
    }
    return smallest;
  }

  /** Whether the smallest level ends the rest in time at the floor, whatever happens. */
  private boolean safe(int chunk, int level, double remaining) {
    double floor = target.floorBytesPerSecond();
    if (floor == 0) {
      return true;
    }
    boolean ends = chunk + 1 == costs.chunks();
    double after =
        ends
            ? costs.decodeSeconds(chunk, level)
            : remainder.secondsAfter(chunk, costs.levels() - 1, floor);
    return time(chunk, level, floor) + after <= remaining;
  }

  /** Time until the next chunk may be decoded: transfer and decoding overlap. */
  private double time(int chunk, int level, double rate) {
    return Math.max(costs.bytes(chunk, level) / rate, costs.decodeSeconds(chunk, level));
  }
}
