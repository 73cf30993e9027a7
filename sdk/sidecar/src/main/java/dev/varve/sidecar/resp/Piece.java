package dev.varve.sidecar.resp;

import io.netty.buffer.ByteBuf;

/**
 * A part of a value on its way to the network.
 *
 * @param bytes released by being written
 * @param written to run once it was written or dropped; on any thread
 */
public record Piece(ByteBuf bytes, Runnable written) {

  /** A piece that nobody else waits for. */
  public Piece(ByteBuf bytes) {
    this(bytes, () -> {});
  }
}
