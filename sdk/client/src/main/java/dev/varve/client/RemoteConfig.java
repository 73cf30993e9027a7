package dev.varve.client;

import dev.varve.store.Checks;
import dev.varve.store.ModelGeometry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a server is and what is expected of it.
 *
 * @param address of the server
 * @param login who to be there; empty for the default user without a password
 * @param model name of the model at the server
 * @param geometry of its blocks, which must be the server's
 * @param connections most of them at a time, so many requests run in parallel
 * @param connectTimeout for one attempt
 * @param deadline for one request, all waiting included
 * @param windowBytes most bytes that were received and not yet decoded, of one connection
 */
public record RemoteConfig(
    InetSocketAddress address,
    Optional<Login> login,
    String model,
    ModelGeometry geometry,
    int connections,
    Duration connectTimeout,
    Duration deadline,
    long windowBytes) {

  /**
   * Who to be.
   *
   * @param password never shown
   */
  public record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }

  public RemoteConfig {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(login, "login");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(geometry, "geometry");
    Checks.inRange(connections, 1, 1024, "connections");
    Checks.positive(connectTimeout.toMillis(), "milliseconds to connect");
    Checks.positive(deadline.toMillis(), "milliseconds for a request");
    Checks.positive(windowBytes, "window bytes");
  }

  /** Four connections, two seconds to connect, thirty for a request, 64 MiB ahead. */
  public static RemoteConfig of(InetSocketAddress address, String model, ModelGeometry geometry) {
    return new RemoteConfig(
        address,
        Optional.empty(),
        model,
        geometry,
        4,
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        64L << 20);
  }

  /** The same as another user. */
  public RemoteConfig as(String user, String password) {
    return new RemoteConfig(
        address,
        Optional.of(new Login(user, password)),
        model,
        geometry,
        connections,
        connectTimeout,
        deadline,
        windowBytes);
  }

  /** The same with another deadline for requests. */
  public RemoteConfig within(Duration time) {
    return new RemoteConfig(
        address, login, model, geometry, connections, connectTimeout, time, windowBytes);
  }
}
