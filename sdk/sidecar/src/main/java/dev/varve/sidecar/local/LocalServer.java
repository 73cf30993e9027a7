package dev.varve.sidecar.local;

import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.connection.RequestRunner;
import dev.varve.sidecar.handover.HandoverConfig;
import dev.varve.sidecar.handover.HandoverSession;
import dev.varve.sidecar.handover.ShelfState;
import dev.varve.sidecar.handover.Shelves;
import dev.varve.sidecar.memory.ConnectionMemory;
import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.RespLimits;
import dev.varve.sidecar.status.HandoverState;
import dev.varve.store.local.LocalListener;
import dev.varve.store.local.LocalMachine;
import dev.varve.store.local.LocalSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens at a Unix socket and hands memory over to who connects, from {@link #start} to {@link
 * #close}. Thread-safe.
 */
public final class LocalServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalServer.class);
  private static final int LOOK_MILLIS = 10;
  private static final int PAUSE_MILLIS = 100;

  private final Parts parts;
  private final LocalListener listener;
  private final Shelves shelves;
  private final Set<LocalConnection> connections = ConcurrentHashMap.newKeySet();
  private final CountDownLatch accepting = new CountDownLatch(1);
  private volatile boolean closing;

  /**
   * What it takes from the server.
   *
   * @param config where and how much
   * @param limits how large requests may be
   * @param stall how long a client may leave a request half sent or a reply unread
   * @param drain how long running requests may take at the end
   * @param memory for values on their way
   * @param client makes the server's side of a client at a place
   * @param runner runs the requests of a client
   * @param threads makes a thread for each client and one that takes them
   * @param millis milliseconds since 1970
   */
  public record Parts(
      HandoverConfig config,
      RespLimits limits,
      Duration stall,
      Duration drain,
      MemoryBudget memory,
      Function<Client.Place, Client> client,
      Function<Client, RequestRunner> runner,
      ThreadFactory threads,
      LongSupplier millis) {}

  private LocalServer(Parts parts, LocalListener listener) {
    this.parts = parts;
    this.listener = listener;
    this.shelves = new Shelves(parts.config(), parts.millis());
  }

  /**
   * Starts it; it accepts connections when this returns.
   *
   * @throws IllegalArgumentException on a system that cannot do it
   * @throws IOException if the path cannot be listened at
   */
  public static LocalServer start(Parts parts) throws IOException {
    try {
      LocalMachine.check();
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException("handover.socket: " + e.getMessage(), e);
    }
    LocalServer server = new LocalServer(parts, LocalListener.open(parts.config().socket()));
    parts.threads().newThread(server::accept).start();
    LOG.info("handing over memory at {}", parts.config().socket());
    return server;
  }

  private void accept() {
    try {
      while (!closing) {
        acceptOne();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      accepting.countDown();
    }
  }

  private void acceptOne() throws InterruptedException {
    try {
      listener.accept().ifPresent(this::serve);
    } catch (IOException e) {
      // The process may have no descriptor left just now.
      LOG.error("{}: trying again", e.getMessage());
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }

  private void serve(LocalSocket socket) {
    try {
      if (closing || connections.size() >= parts.config().clients()) {
        LOG.warn("a client is refused, {} are connected", connections.size());
        socket.close();
        return;
      }
      socket.timeouts(parts.stall(), parts.stall());
      String remote = listener.path() + ":" + socket.peerProcess();
      Client client = parts.client().apply(new Client.Place(remote, listener.path().toString(), 0));
      HandoverSession session = new HandoverSession(shelves);
      client.handover(session);
      LocalConnection connection =
          new LocalConnection(
              socket,
              parts.runner().apply(client),
              session,
              new ConnectionMemory(parts.memory()),
              parts.limits());
      connections.add(connection);
      parts
          .threads()
          .newThread(() -> {
            try {
              connection.run();
            } finally {
              connections.remove(connection);
            }
          })
          .start();
    } catch (IOException e) {
      LOG.debug("a client vanished: {}", e.getMessage());
      socket.close();
    }
  }

  /** What it hands over now. */
  public HandoverState state() {
    ShelfState sum = shelves.state();
    return new HandoverState(
        listener.path().toString(),
        connections.size(),
        shelves.files(),
        sum.bytes(),
        sum.used(),
        sum.leased(),
        sum.values(),
        sum.found(),
        sum.copied(),
        sum.displaced());
  }

  /** The memory files. */
  public Shelves shelves() {
    return shelves;
  }

  /** Takes nobody any more, and lets go of clients once what they sent was answered. Idempotent. */
  public void drain() {
    closing = true;
    try {
      listener.end();
    } catch (IOException e) {
      LOG.warn("{} cannot be removed: {}", listener.path(), e.getMessage());
    }
    connections.forEach(LocalConnection::drain);
  }

  /** The same, and waits for the end; who is not done in time is cut off. Idempotent. */
  @Override
  public void close() {
    drain();
    boolean ended = awaitEnd(parts.drain());
    if (!ended) {
      LOG.warn("{} local clients were not done in time and are cut off", connections.size());
      connections.forEach(LocalConnection::cut);
      ended = awaitEnd(Duration.ofSeconds(1));
    }
    if (ended) {
      shelves.close();
    }
  }

  private boolean awaitEnd(Duration time) {
    try {
      boolean none = accepting.await(time.toMillis(), TimeUnit.MILLISECONDS);
      if (none) {
        listener.close();
        // Whoever was taken at the last moment.
        connections.forEach(LocalConnection::drain);
      }
      for (long left = time.toMillis(); left > 0 && !connections.isEmpty(); left -= LOOK_MILLIS) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      return none && connections.isEmpty();
    } catch (IOException e) {
      LOG.warn("{} cannot be closed: {}", listener.path(), e.getMessage());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
