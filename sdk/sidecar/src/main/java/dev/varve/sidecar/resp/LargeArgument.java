package dev.varve.sidecar.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * An argument in pooled native memory, which grows as its bytes come and is released with its
 * request.
 */
final class LargeArgument implements Argument, AutoCloseable {

  private final ByteBufAllocator allocator;
  private final long length;
  private final List<ByteBuf> pieces = new ArrayList<>();
  private long filled;

  LargeArgument(ByteBufAllocator allocator, long length) {
    this.allocator = allocator;
    this.length = length;
  }

  /** Takes what it still lacks, as far as it is there. */
  void fill(ByteBuf in) {
    while (filled < length && in.isReadable()) {
      ByteBuf piece = openPiece();
      int count = Math.min(in.readableBytes(), piece.writableBytes());
      piece.writeBytes(in, count);
      filled += count;
    }
  }

  boolean full() {
    return filled == length;
  }

  private ByteBuf openPiece() {
    if (pieces.isEmpty() || !pieces.getLast().isWritable()) {
      int capacity = (int) Math.min(length - filled, PIECE_BYTES);
      pieces.add(allocator.directBuffer(capacity, capacity));
    }
    return pieces.getLast();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void forEachPiece(Consumer<MemorySegment> visitor) {
    for (ByteBuf piece : pieces) {
      visitor.accept(MemorySegment.ofBuffer(piece.nioBuffer()));
    }
  }

  @Override
  public byte[] toBytes() {
    byte[] bytes = new byte[Math.toIntExact(length)];
    int at = 0;
    for (ByteBuf piece : pieces) {
      piece.getBytes(piece.readerIndex(), bytes, at, piece.readableBytes());
      at += piece.readableBytes();
    }
    return bytes;
  }

  @Override
  public void close() {
    pieces.forEach(ByteBuf::release);
    pieces.clear();
  }
}
