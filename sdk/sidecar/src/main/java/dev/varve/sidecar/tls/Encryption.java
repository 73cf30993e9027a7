package dev.varve.sidecar.tls;

import io.netty.channel.Channel;

/** Encrypts connections. Thread-safe. */
@FunctionalInterface
public interface Encryption {

  /** Adds what encrypts to a connection whose pipeline is still empty. */
  void encrypt(Channel channel);
}
