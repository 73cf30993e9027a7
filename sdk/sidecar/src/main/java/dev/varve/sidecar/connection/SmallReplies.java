package dev.varve.sidecar.connection;

import dev.varve.sidecar.resp.Protocol;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.ReplyEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Writes replies that hold no stored value. */
public final class SmallReplies {

  private SmallReplies() {}

  /** The bytes of {@code reply}. */
  public static ByteBuf encode(Reply reply, Protocol protocol, ByteBufAllocator allocator) {
    ByteBuf bytes = allocator.directBuffer();
    try (ReplyEncoder encoder = new ReplyEncoder(reply, protocol)) {
      encoder.write(bytes, Integer.MAX_VALUE);
    }
    return bytes;
  }
}
