package dev.varve.sidecar.metrics;

import dev.varve.sidecar.status.Sampler;
import dev.varve.sidecar.status.ServerState;
import dev.varve.sidecar.status.Traffic;
import dev.varve.sidecar.status.TrafficTable;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Everything that Prometheus is shown. Thread-safe. */
public final class ServerMetrics {

  /** What a scrape is written as. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final CommandTimers commands = new CommandTimers(registry);

  /** Micrometer holds what it asks weakly; this holds it. */
  private final Set<Object> held = ConcurrentHashMap.newKeySet();

  /** How long each command runs. */
  public CommandTimers commands() {
    return commands;
  }

  /** A pair of model and tenant is counted from now on. */
  public void appeared(TrafficTable.Pair pair, Traffic traffic) {
    held.add(traffic);
    Tags tags = Tags.of("model", Labels.orNone(pair.model()), "tenant", pair.tenant());
    count("varve.requests", "Requests.", traffic, Traffic::requests, tags);
    count("varve.hits", "Values looked up and found.", traffic, Traffic::hits, tags);
    count("varve.misses", "Values looked up and not found.", traffic, Traffic::misses, tags);
    count("varve.received.bytes", "Bytes of the arguments.", traffic, Traffic::bytesIn, tags);
    count("varve.sent.bytes", "Bytes of the values sent.", traffic, Traffic::bytesOut, tags);
  }

  private void count(
      String name, String meaning, Traffic traffic, ToLongFunction<Traffic> of, Tags tags) {
    FunctionCounter.builder(name, traffic, of::applyAsLong)
        .description(meaning)
        .tags(tags)
        .register(registry);
  }

  /**
   * Shows the server itself.
   *
   * @param source asked at every scrape; held as long as this
   */
  public void show(ServerSource source) {
    held.add(source);
    gauge(source, "varve.clients", "Connections now.", ServerState::clients);
    gauge(source, "varve.memory.used.bytes", "Values on their way.", ServerState::memoryUsedBytes);
    gauge(source, "varve.memory.limit.bytes", "Most of it.", ServerState::memoryLimitBytes);
    gauge(source, "varve.draining", "1 once it is told to end.", state -> state.draining() ? 1 : 0);
    counter(source, "varve.connections", "Connections accepted.", ServerState::connections);
    counter(
        source,
        "varve.connections.refused",
        "Connections refused because there were too many.",
        ServerState::refusedConnections);
    counter(
        source,
        "varve.dropped.puts",
        "Values of LMCache that were not stored.",
        ServerState::droppedPuts);
    counter(source, "varve.failures", "Requests in which the store failed.", ServerState::failures);
    counter(source, "varve.wrong.passwords", "Wrong passwords.", ServerState::wrongPasswords);
  }

  /** Tells what the server is now. */
  @FunctionalInterface
  public interface ServerSource {
    ServerState state();
  }

  private void gauge(
      ServerSource source, String name, String meaning, ToDoubleFunction<ServerState> value) {
    Gauge.builder(name, source, asked -> value.applyAsDouble(asked.state()))
        .description(meaning)
        .register(registry);
  }

  private void counter(
      ServerSource source, String name, String meaning, ToDoubleFunction<ServerState> value) {
    FunctionCounter.builder(name, source, asked -> value.applyAsDouble(asked.state()))
        .description(meaning)
        .register(registry);
  }

  /** Shows the store as it was looked at last. */
  public StoreMeters show(Sampler sampler) {
    return new StoreMeters(registry, sampler);
  }

  /** Everything in the text form of Prometheus. */
  public String scrape() {
    return registry.scrape();
  }
}
