package dev.varve.store.remote;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Addresses of remote stores as text, in the forms that LMCache takes too. */
final class RemoteAddressText {

  private static final String DEFAULT_MASTER = "mymaster";
  private static final int PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  private enum Kind {
    SINGLE,
    SENTINEL,
    CLUSTER
  }

  private static final Map<String, Kind> SCHEMES =
      Map.of(
          "redis", Kind.SINGLE,
          "rediss", Kind.SINGLE,
          "redis-sentinel", Kind.SENTINEL,
          "rediss-sentinel", Kind.SENTINEL,
          "redis-cluster", Kind.CLUSTER,
          "rediss-cluster", Kind.CLUSTER);

  private RemoteAddressText() {}

  static RemoteConfig parse(String address) {
    int colon = address.indexOf("://");
    String scheme = colon < 0 ? "" : address.substring(0, colon);
    Kind kind = SCHEMES.get(scheme);
    if (kind == null) {
      throw new IllegalArgumentException(
          "the address of a remote store begins with redis://, redis-sentinel:// or"
              + " redis-cluster://, or with rediss for TLS; '"
              + (colon < 0 ? "no scheme" : scheme)
              + "' is none of them");
    }
    String rest = address.substring(colon + 3);
    int hash = rest.indexOf('#');
    Optional<String> master =
        hash < 0
            ? Optional.empty()
            : Optional.of(rest.substring(hash + 1)).filter(n -> !n.isEmpty());
    if (hash >= 0 && kind != Kind.SENTINEL) {
      throw new IllegalArgumentException(
          "'#' names the master that Sentinels know: leave it out behind " + scheme + "://");
    }
    String servers = hash < 0 ? rest : rest.substring(0, hash);
    int at = servers.lastIndexOf('@');
    Optional<String> login = at < 0 ? Optional.empty() : Optional.of(servers.substring(0, at));
    String hosts = stripped(servers.substring(at + 1));
    return new RemoteConfig(
        topology(kind, master),
        nodes(hosts, kind == Kind.SENTINEL ? SENTINEL_PORT : PORT),
        scheme.startsWith("rediss"),
        login.flatMap(RemoteAddressText::user),
        login.map(RemoteAddressText::password),
        Optional.empty(),
        RemoteConfig.DEFAULT_TIMEOUT,
        RemoteConfig.DEFAULT_TIME_TO_LIVE);
  }

  private static RemoteTopology topology(Kind kind, Optional<String> master) {
    return switch (kind) {
      case SINGLE -> new RemoteTopology.Single();
      case SENTINEL -> new RemoteTopology.Sentinel(master.orElse(DEFAULT_MASTER));
      case CLUSTER -> new RemoteTopology.Cluster();
    };
  }

  /** Database 0 is the only one. */
  private static String stripped(String hosts) {
    int slash = hosts.indexOf('/');
    String database = slash < 0 ? "" : hosts.substring(slash + 1);
    if (!database.isEmpty() && !database.equals("0")) {
      throw new IllegalArgumentException(
          "the remote store is kept in database 0: leave '/" + database + "' out");
    }
    return slash < 0 ? hosts : hosts.substring(0, slash);
  }

  private static Optional<String> user(String login) {
    int colon = login.indexOf(':');
    return colon <= 0 ? Optional.empty() : Optional.of(decoded(login.substring(0, colon)));
  }

  private static String password(String login) {
    return decoded(login.substring(login.indexOf(':') + 1));
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "user or password of the remote store has a '%' that no two hexadecimal digits follow:"
              + " write %25",
          e);
    }
  }

  private static List<RemoteAddress> nodes(String hosts, int port) {
    List<RemoteAddress> nodes = new ArrayList<>();
    for (String each : hosts.split(",", -1)) {
      nodes.add(node(each.strip(), port));
    }
    return nodes;
  }

  private static RemoteAddress node(String text, int port) {
    boolean bracketed = text.startsWith("[");
    int end = bracketed ? text.indexOf(']') : text.lastIndexOf(':');
    if (bracketed && end < 0) {
      throw new IllegalArgumentException("'" + text + "' lacks a ']'");
    }
    String host = bracketed ? text.substring(1, end) : end < 0 ? text : text.substring(0, end);
    String behind = bracketed ? text.substring(end + 1) : end < 0 ? "" : text.substring(end);
    if (behind.isEmpty()) {
      return new RemoteAddress(host, port);
    }
    if (!behind.matches(":\\d{1,5}")) {
      throw new IllegalArgumentException(
          "'" + text + "' is no server: write HOST or HOST:PORT, with commas between servers");
    }
    return new RemoteAddress(host, Integer.parseInt(behind.substring(1)));
  }

  static String text(RemoteConfig config) {
    String kind =
        switch (config.topology()) {
          case RemoteTopology.Single() -> "";
          case RemoteTopology.Sentinel(var _) -> "-sentinel";
          case RemoteTopology.Cluster() -> "-cluster";
        };
    String master =
        config.topology() instanceof RemoteTopology.Sentinel(String name) ? "#" + name : "";
    return (config.tls() ? "rediss" : "redis")
        + kind
        + "://"
        + config.nodes().stream().map(RemoteAddress::toString).collect(Collectors.joining(","))
        + master;
  }
}
