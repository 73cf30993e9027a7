package dev.varve.sidecar.http;

import dev.varve.sidecar.metrics.ServerMetrics;
import dev.varve.sidecar.metrics.StoreMeters;
import dev.varve.sidecar.status.EventState;
import dev.varve.sidecar.status.HandoverState;
import dev.varve.sidecar.status.Sampler;
import dev.varve.sidecar.status.ServerState;
import dev.varve.sidecar.status.Status;
import dev.varve.sidecar.status.TlsState;
import dev.varve.sidecar.status.TrafficTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The state of a server for people and tools.
 *
 * @param server what it is now
 * @param sampler looks at the store
 * @param traffic who asked for what
 * @param metrics for Prometheus
 * @param stored the store's part of the metrics
 * @param events state of the KV events, if there are any
 * @param tls state of the certificate, if there is one
 * @param handover memory that is handed over, if any is
 */
public record StateRoutes(
    Supplier<ServerState> server,
    Sampler sampler,
    TrafficTable traffic,
    ServerMetrics metrics,
    StoreMeters stored,
    Supplier<Optional<EventState>> events,
    Supplier<Optional<TlsState>> tls,
    Supplier<Optional<HandoverState>> handover) {

  private static final int PREFIXES = 20;

  Map<String, Endpoint> endpoints() {
    Map<String, Endpoint> all = new LinkedHashMap<>();
    all.put("/health", Endpoint.get(_ -> health()));
    all.put("/healthcheck", Endpoint.get(_ -> health()));
    all.put("/ready", Endpoint.get(_ -> ready()));
    all.put("/status", Endpoint.get(_ -> HttpReply.json(200, status())));
    all.put("/history", Endpoint.get(this::history));
    all.put("/metrics", Endpoint.get(_ -> scrape()));
    return all;
  }

  private HttpReply health() {
    Optional<String> failure = sampler.failure();
    return failure.isEmpty()
        ? HttpReply.json(200, Map.of("status", "healthy"))
        : HttpReply.json(503, Map.of("status", "unhealthy", "reason", failure.get()));
  }

  private HttpReply ready() {
    String word = Status.word(server.get(), sampler.latest().isPresent());
    boolean ready = word.equals("serving");
    return HttpReply.json(ready ? 200 : 503, Map.of("status", ready ? "ready" : word));
  }

  private Status status() {
    ServerState now = server.get();
    return new Status(
        Status.word(now, sampler.latest().isPresent()),
        now,
        sampler.latest(),
        traffic.counts(),
        traffic.prefixes(PREFIXES),
        metrics.commands().states(),
        events.get(),
        tls.get(),
        handover.get());
  }

  private HttpReply history(Map<String, List<String>> parameters) {
    String after = parameters.getOrDefault("after", List.of("-1")).getFirst();
    if (!after.matches("-?[0-9]{1,18}")) {
      return HttpReply.refusal(400, "'after' is the sequence of a sample, a whole number");
    }
    return HttpReply.json(200, Map.of("samples", sampler.after(Long.parseLong(after))));
  }

  private HttpReply scrape() {
    stored.update();
    return HttpReply.of(200, ServerMetrics.CONTENT_TYPE, metrics.scrape());
  }
}
