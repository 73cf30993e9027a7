package dev.varve.sidecar;

import dev.varve.sidecar.command.Client;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/** The two ends of a connection as text. */
final class Addresses {

  private Addresses() {}

  static Client.Place place(Channel channel) {
    String remote =
        channel.remoteAddress() instanceof InetSocketAddress address
            ? address.getAddress().getHostAddress() + ":" + address.getPort()
            : "?:0";
    return channel.localAddress() instanceof InetSocketAddress local
        ? new Client.Place(remote, local.getAddress().getHostAddress(), local.getPort())
        : new Client.Place(remote, "?", 0);
  }
}
