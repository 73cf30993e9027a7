package dev.varve.store.remote;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A Valkey or Redis that blocks and objects are shared through.
 *
 * @param topology how its servers belong together
 * @param nodes the server, the Sentinels, or some nodes of the cluster
 * @param tls whether connections are encrypted; the server's name is checked
 * @param user empty for the default user
 * @param password empty for none
 * @param trusted PEM file of the authorities that are trusted; empty for those of the platform
 * @param timeout how long an answer may take until it counts as a miss; for connecting, too
 * @param timeToLive after which the server forgets what nobody wrote again
 */
public record RemoteConfig(
    RemoteTopology topology,
    List<RemoteAddress> nodes,
    boolean tls,
    Optional<String> user,
    Optional<String> password,
    Optional<Path> trusted,
    Duration timeout,
    Duration timeToLive) {

  /** A second. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);

  /** A day. */
  public static final Duration DEFAULT_TIME_TO_LIVE = Duration.ofDays(1);

  private static final Duration LEAST_TIMEOUT = Duration.ofMillis(1);
  private static final Duration MOST_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration LEAST_TIME_TO_LIVE = Duration.ofSeconds(1);

  public RemoteConfig {
    Objects.requireNonNull(topology, "topology");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
    Objects.requireNonNull(trusted, "trusted");
    nodes = List.copyOf(nodes);
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("a remote store has no server: name one");
    }
    if (topology instanceof RemoteTopology.Single && nodes.size() > 1) {
      throw new IllegalArgumentException(
          nodes.size()
              + " servers are named for one remote store: write redis-cluster:// or"
              + " redis-sentinel:// where they belong together");
    }
    if (user.isPresent() && password.isEmpty()) {
      throw new IllegalArgumentException(
          "the remote store has a user, '" + user.get() + "', and no password: name both");
    }
    if (trusted.isPresent() && !tls) {
      throw new IllegalArgumentException(
          "the remote store has a file of authorities and no TLS: begin its address with rediss");
    }
    if (timeout.compareTo(LEAST_TIMEOUT) < 0 || timeout.compareTo(MOST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "the time-out of the remote store is "
              + timeout.toMillis()
              + " ms, it must be between 1 ms and 60,000 ms");
    }
    if (timeToLive.compareTo(LEAST_TIME_TO_LIVE) < 0) {
      throw new IllegalArgumentException(
          "the time to live in the remote store is "
              + timeToLive.toMillis()
              + " ms, it must be at least 1,000 ms");
    }
  }

  /**
   * Reads {@code redis://[user:password@]host[:port]}. {@code redis-sentinel://...#master} and
   * {@code redis-cluster://...} take several hosts with commas between them; with {@code rediss}
   * for {@code redis} the connections are encrypted.
   *
   * @throws IllegalArgumentException if it is of another form; says which part, and no password
   */
  public static RemoteConfig parse(String address) {
    return RemoteAddressText.parse(address);
  }

  /** The same with a password, unless it is empty. */
  public RemoteConfig password(Optional<String> secret) {
    return secret.isEmpty()
        ? this
        : new RemoteConfig(topology, nodes, tls, user, secret, trusted, timeout, timeToLive);
  }

  /** The same with authorities, unless they are empty. */
  public RemoteConfig trusting(Optional<Path> authorities) {
    return authorities.isEmpty()
        ? this
        : new RemoteConfig(topology, nodes, tls, user, password, authorities, timeout, timeToLive);
  }

  /** The same with other times. */
  public RemoteConfig times(Duration wait, Duration live) {
    return new RemoteConfig(topology, nodes, tls, user, password, trusted, wait, live);
  }

  /** Where it is, without secrets. */
  @Override
  public String toString() {
    return RemoteAddressText.text(this);
  }
}
