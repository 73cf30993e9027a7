package dev.varve.sidecar.http;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.access.Users;
import dev.varve.sidecar.metrics.ServerMetrics;
import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import dev.varve.sidecar.status.Sampler;
import dev.varve.sidecar.status.ServerState;
import dev.varve.sidecar.status.TenantNames;
import dev.varve.sidecar.status.TrafficTable;
import dev.varve.sidecar.tls.Encryption;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The port over a store that a test sets, without a server behind. */
final class HttpFixture implements AutoCloseable {

  static final String TOKEN = "a-token-of-sufficient-length";

  final TestStore store = new TestStore();
  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  final ServerMetrics metrics = new ServerMetrics();
  final TrafficTable traffic = new TrafficTable(new TenantNames(Users.OPEN), metrics::appeared);
  final Sampler sampler;
  private volatile boolean draining;
  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpServer server;

  HttpFixture(Optional<String> token) throws IOException {
    this(token, Optional.empty());
  }

  HttpFixture(Optional<String> token, Optional<Encryption> encryption) throws IOException {
    sampler = new Sampler(store, this::state, traffic, () -> 1000, () -> 0);
    metrics.show(this::state);
    StateRoutes state =
        new StateRoutes(
            this::state,
            sampler,
            traffic,
            metrics,
            metrics.show(sampler),
            Optional::empty,
            Optional::empty,
            Optional::empty);
    server =
        HttpServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new HttpServer.Parts(
                new Routes(state, administrator(), new AdminToken(token)),
                Thread.ofPlatform().daemon().factory(),
                workers,
                encryption));
  }

  static HttpFixture start() throws IOException {
    return new HttpFixture(Optional.of(TOKEN));
  }

  private ServerState state() {
    return new ServerState(
        "1.2.3", "127.0.0.1:6390", "nio", 60, draining, 3, 100, 5, 50, 9, 1, 1000, 60, 40, 7, 2, 1);
  }

  private Administrator administrator() {
    return new Administrator() {
      @Override
      public long flush() {
        calls.add("flush");
        return store.deleteAll();
      }

      @Override
      public void drain() {
        calls.add("drain");
        draining = true;
      }

      @Override
      public List<String> reload() throws IOException {
        calls.add("reload");
        if (calls.size() > 1) {
          throw new IOException("the certificate has expired");
        }
        return List.of("tls");
      }
    };
  }

  /** Runs a request as the server would. */
  void ran(String command, boolean readOnly, Reply reply, String... arguments) {
    Observed observed =
        new Observed(
            command,
            1,
            readOnly,
            1,
            Optional.of(User.ANYBODY),
            Request.of(arguments),
            reply,
            30_000);
    metrics.commands().ran(observed);
    traffic.ran(observed);
  }

  String url() {
    return server.url();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url() + path)).build());
  }

  HttpResponse<String> post(String path, Optional<String> authorization)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + path)).POST(HttpRequest.BodyPublishers.noBody());
    authorization.ifPresent(value -> request.header("Authorization", value));
    return send(request.build());
  }

  HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** Sends bytes as they are and returns what comes until the server closes or says no more. */
  String raw(String bytes) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      for (int next = in.read(); next >= 0 && head.indexOf("\r\n\r\n") < 0; next = in.read()) {
        head.append((char) next);
      }
      return head.toString();
    }
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  @Override
  public void close() {
    server.close();
    workers.shutdownNow();
    client.close();
  }
}
