package dev.varve.sidecar.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Joins what is left of one read with the next. */
final class Inputs {

  private Inputs() {}

  /** The unread bytes of both, which are the callee's from now on. */
  static ByteBuf append(ByteBufAllocator allocator, ByteBuf first, ByteBuf second) {
    ByteBuf joined =
        allocator.directBuffer(Math.addExact(first.readableBytes(), second.readableBytes()));
    try {
      return joined.writeBytes(first).writeBytes(second);
    } finally {
      first.release();
      second.release();
    }
  }
}
