package dev.varve.sidecar.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;

/** Encrypts connections. Thread-safe. */
@FunctionalInterface
public interface Encryption {

  /** A new handler, to be the first of this connection's. */
  ChannelHandler handler(Channel channel);
}
