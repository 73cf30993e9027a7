package dev.varve.cli.serve;

import dev.varve.sidecar.http.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Reads where the port for people listens: {@code HOST:PORT}, {@code PORT} at loopback, or {@code
 * off}.
 */
final class HttpAddress {

  /** The address unless told otherwise. */
  static final String DEFAULT = "127.0.0.1:" + HttpServer.DEFAULT_PORT;

  private static final String OFF = "off";

  private HttpAddress() {}

  static Optional<InetSocketAddress> parse(String text) {
    if (text.equals(OFF)) {
      return Optional.empty();
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : unbracketed(text.substring(0, colon));
    try {
      return Optional.of(
          new InetSocketAddress(
              InetAddress.getAllByName(host)[0], port(text, text.substring(colon + 1))));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "http.address: '" + host + "' is no address of this machine", e);
    }
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static int port(String text, String port) {
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException(
          "http.address: '%s' is no address: write HOST:PORT, PORT for loopback, or off"
              .formatted(text));
    }
    return Integer.parseInt(port);
  }
}
