package dev.varve.store.remote;

import dev.varve.store.Checks;

/**
 * Where a server listens.
 *
 * @param host name or address
 * @param port at least 1
 */
public record RemoteAddress(String host, int port) {

  public RemoteAddress {
    if (host.isBlank()) {
      throw new IllegalArgumentException("the host of a remote store is empty: name one");
    }
    Checks.inRange(port, 1, 65_535, "port of a remote store");
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
