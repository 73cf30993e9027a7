package dev.varve.cli.serve;

import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.Workers;
import dev.varve.sidecar.Sidecar;
import dev.varve.sidecar.events.EventPublisher;
import dev.varve.sidecar.http.AdminToken;
import dev.varve.sidecar.http.Administrator;
import dev.varve.sidecar.http.HttpServer;
import dev.varve.sidecar.http.Routes;
import dev.varve.sidecar.http.StateRoutes;
import dev.varve.sidecar.local.LocalServer;
import dev.varve.sidecar.metrics.ServerMetrics;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.observe.RequestWatches;
import dev.varve.sidecar.status.RequestLog;
import dev.varve.sidecar.status.Sampler;
import dev.varve.sidecar.status.StoreView;
import dev.varve.sidecar.status.Summary;
import dev.varve.sidecar.status.TenantNames;
import dev.varve.sidecar.status.TrafficTable;
import dev.varve.sidecar.tls.ServerTls;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What a server shows of itself, and where. */
public final class Visibility {

  private static final int WORKERS = 2;
  private static final int LOOK_SECONDS = 2;

  private final ServerMetrics metrics = new ServerMetrics();
  private final TrafficTable traffic;
  private final TenantNames names;
  private final RequestLog requests;

  /**
   * @param names what tenants are called
   * @param requests writes lines about requests
   */
  public Visibility(TenantNames names, RequestLog requests) {
    this.names = names;
    this.requests = requests;
    this.traffic = new TrafficTable(names, metrics::appeared);
  }

  /** Hears of the requests of the server to be. */
  public RequestWatch watch() {
    return new RequestWatches(List.of(metrics.commands(), traffic, requests));
  }

  /** What tenants are called. */
  public TenantNames names() {
    return names;
  }

  /**
   * Begins to look at a server every two seconds; ends with {@code cleanup}.
   *
   * @param summary time between two lines of the log; zero for none
   */
  public Sampler look(Sidecar sidecar, StoreView store, Duration summary, Cleanup cleanup) {
    Sampler sampler =
        new Sampler(store, sidecar::state, traffic, System::currentTimeMillis, System::nanoTime);
    metrics.show(sidecar::state);
    ScheduledExecutorService clock =
        cleanup.add(Executors.newSingleThreadScheduledExecutor(Workers.daemons("varve-sampler")));
    var _ = clock.scheduleWithFixedDelay(sampler::sample, 0, LOOK_SECONDS, TimeUnit.SECONDS);
    if (!summary.isZero()) {
      Summary lines = new Summary(sampler);
      long millis = summary.toMillis();
      var _ = clock.scheduleWithFixedDelay(lines::log, millis, millis, TimeUnit.MILLISECONDS);
    }
    return sampler;
  }

  /**
   * Opens the port.
   *
   * @param said whether somebody chose the address; else any port will do where it is taken
   */
  public HttpServer open(
      InetSocketAddress address,
      boolean said,
      Sidecar sidecar,
      Sampler sampler,
      Administrator administrator,
      AdminToken token,
      Optional<ServerTls> tls,
      Optional<EventPublisher> events,
      Cleanup cleanup)
      throws IOException {
    StateRoutes state =
        new StateRoutes(
            sidecar::state,
            sampler,
            traffic,
            metrics,
            metrics.show(sampler),
            () -> events.map(EventPublisher::state),
            () -> tls.map(ServerTls::state),
            () -> sidecar.local().map(LocalServer::state));
    HttpServer.Parts parts =
        new HttpServer.Parts(
            new Routes(state, administrator, token),
            Workers.daemons("varve-http"),
            cleanup.add(Workers.of(WORKERS, "varve-http-worker")),
            tls.map(Function.identity()));
    try {
      return cleanup.add(HttpServer.start(address, parts));
    } catch (IOException e) {
      if (said || !(e.getCause() instanceof BindException)) {
        throw e;
      }
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      return cleanup.add(HttpServer.start(any, parts));
    }
  }
}
