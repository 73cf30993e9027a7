package dev.varve.sidecar.metrics;

import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.status.CommandState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * How long each command runs. There are only as many as the server has, and one for all that it has
 * not. Thread-safe.
 */
public final class CommandTimers implements RequestWatch {

  /** Upper ends of the buckets: 1, 2.5 and 5 of every power of ten from 10 us to 10 s. */
  private static final Duration[] BUCKETS =
      LongStream.of(10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
          .flatMap(nanos -> LongStream.of(nanos, nanos * 5 / 2, nanos * 5))
          .mapToObj(Duration::ofNanos)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final Map<String, Command> commands = new ConcurrentHashMap<>();

  private record Command(Timer timer, Counter failed) {}

  CommandTimers(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void ran(Observed observed) {
    Command known = commands.get(observed.command());
    Command command =
        known != null ? known : commands.computeIfAbsent(observed.command(), this::begin);
    command.timer.record(observed.nanos(), TimeUnit.NANOSECONDS);
    if (observed.failed()) {
      command.failed.increment();
    }
  }

  private Command begin(String name) {
    return new Command(
        Timer.builder("varve.command")
            .description("Time that requests ran, without waiting and sending.")
            .tag("command", name)
            .serviceLevelObjectives(BUCKETS)
            .register(registry),
        Counter.builder("varve.command.failures")
            .description("Requests that were refused or failed.")
            .tag("command", name)
            .register(registry));
  }

  /** What there is, busiest first. */
  public List<CommandState> states() {
    return commands.entrySet().stream()
        .map(entry -> state(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingLong(CommandState::count).reversed())
        .toList();
  }

  private static CommandState state(String name, Command command) {
    CountAtBucket[] buckets = command.timer.takeSnapshot().histogramCounts();
    long count = command.timer.count();
    return new CommandState(
        name,
        count,
        (long) command.failed.count(),
        count == 0 ? 0 : command.timer.mean(TimeUnit.MICROSECONDS),
        percentile(buckets, count, 0.5),
        percentile(buckets, count, 0.99));
  }

  /** The upper end of the bucket that holds it, in microseconds; the last end if none does. */
  private static double percentile(CountAtBucket[] buckets, long count, double fraction) {
    double end = 0;
    for (CountAtBucket bucket : buckets) {
      if (!Double.isInfinite(bucket.bucket())) {
        end = bucket.bucket(TimeUnit.MICROSECONDS);
      }
      if (bucket.count() >= fraction * count) {
        return end;
      }
    }
    return end;
  }
}
