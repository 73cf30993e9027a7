package dev.varve.sidecar.local;

import dev.varve.sidecar.memory.ConnectionMemory;
import dev.varve.sidecar.resp.BrokenReplyException;
import dev.varve.sidecar.resp.Piece;
import dev.varve.sidecar.resp.Protocol;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.ReplyEncoder;
import dev.varve.store.local.LocalSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/** Sends replies to one client, small ones together. For one thread. */
final class LocalWriter implements AutoCloseable {

  private static final int TOGETHER = 1 << 16;

  private final LocalSocket socket;
  private final Reservation reservation;
  private final ConnectionMemory memory;
  private final ByteBuf small = PooledByteBufAllocator.DEFAULT.directBuffer();
  private OptionalInt file = OptionalInt.empty();

  /** Waits for memory. */
  @FunctionalInterface
  interface Reservation {
    /** Takes so many bytes of what the connection may hold. */
    void take(long bytes) throws InterruptedException;
  }

  LocalWriter(LocalSocket socket, Reservation reservation, ConnectionMemory memory) {
    this.socket = socket;
    this.reservation = reservation;
    this.memory = memory;
  }

  /**
   * Writes a reply, of which the end may wait for {@link #flush}.
   *
   * @param beside a descriptor that goes with its first byte
   */
  void write(Reply reply, Protocol protocol, OptionalInt beside)
      throws IOException, BrokenReplyException, InterruptedException {
    if (beside.isPresent()) {
      flush();
      file = beside;
    }
    try (ReplyEncoder encoder = new ReplyEncoder(reply, protocol)) {
      while (true) {
        switch (encoder.step()) {
          case ReplyEncoder.Step.Done() -> {
            return;
          }
          case ReplyEncoder.Step.Small() -> {
            encoder.write(small, TOGETHER);
            if (small.readableBytes() >= TOGETHER) {
              flush();
            }
          }
          case ReplyEncoder.Step.Value(long wanted) -> {
            flush();
            reservation.take(wanted);
            send(encoder, wanted);
          }
        }
      }
    }
  }

  private void send(ReplyEncoder encoder, long reserved) throws IOException, BrokenReplyException {
    try {
      Piece piece = encoder.piece(PooledByteBufAllocator.DEFAULT);
      try {
        send(piece.bytes());
      } finally {
        piece.bytes().release();
        piece.written().run();
      }
    } finally {
      memory.release(reserved);
    }
  }

  /** Sends what waits. */
  void flush() throws IOException {
    if (small.isReadable()) {
      send(small);
      small.clear();
    }
  }

  private void send(ByteBuf bytes) throws IOException {
    OptionalInt beside = file;
    file = OptionalInt.empty();
    socket.send(
        MemorySegment.ofBuffer(bytes.nioBuffer(bytes.readerIndex(), bytes.readableBytes())),
        beside);
  }

  @Override
  public void close() {
    small.release();
  }
}
