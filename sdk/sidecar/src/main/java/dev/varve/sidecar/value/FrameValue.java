package dev.varve.sidecar.value;

import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Piece;
import dev.varve.sidecar.resp.StoredBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Bytes that are in memory already, sent piece by piece. */
public final class FrameValue implements StoredBytes {

  private final ByteBuf bytes;
  private final IntConsumer written;

  private FrameValue(ByteBuf bytes, IntConsumer written) {
    this.bytes = bytes;
    this.written = written;
  }

  /**
   * A copy of {@code frame}.
   *
   * @param written told of the length of every piece once it was written or dropped; on any thread
   */
  public static FrameValue copy(
      MemorySegment frame, ByteBufAllocator allocator, IntConsumer written) {
    int length = Math.toIntExact(frame.byteSize());
    ByteBuf bytes = allocator.directBuffer(length, length);
    MemorySegment.ofBuffer(bytes.nioBuffer(0, length)).copyFrom(frame);
    return new FrameValue(bytes.writerIndex(length), written);
  }

  @Override
  public long remaining() {
    return bytes.readableBytes();
  }

  @Override
  public long wanted() {
    return Math.min(remaining(), Argument.PIECE_BYTES);
  }

  @Override
  public Optional<Piece> read(ByteBufAllocator allocator) {
    int length = (int) wanted();
    return Optional.of(new Piece(bytes.readRetainedSlice(length), () -> written.accept(length)));
  }

  @Override
  public boolean readAll(MemorySegment target) {
    int length = bytes.readableBytes();
    target.copyFrom(MemorySegment.ofBuffer(bytes.nioBuffer()));
    bytes.skipBytes(length);
    written.accept(length);
    return true;
  }

  @Override
  public void close() {
    bytes.release();
  }
}
