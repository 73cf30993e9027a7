package dev.varve.sidecar.value;

import dev.varve.sidecar.resp.Piece;
import dev.varve.sidecar.resp.StoredBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A range of a value that is read from the store as it is written to the network. */
public final class StreamedValue implements StoredBytes {

  private final ValueReading reading;
  private long from;
  private long remaining;
  private int piece;

  /**
   * @param reading closed with this
   * @param from first byte
   * @param length number of bytes, which the value must have
   */
  public StreamedValue(ValueReading reading, long from, long length) {
    this.reading = reading;
    this.from = from;
    this.remaining = length;
    skip();
  }

  /** All of a value. */
  public static StreamedValue whole(ValueReading reading) {
    return new StreamedValue(reading, 0, reading.bytes());
  }

  private void skip() {
    while (remaining > 0 && from >= reading.pieceBytes(piece)) {
      from -= reading.pieceBytes(piece++);
    }
  }

  @Override
  public long remaining() {
    return remaining;
  }

  @Override
  public long wanted() {
    return remaining == 0 ? 0 : reading.pieceBytes(piece);
  }

  @Override
  public Optional<Piece> read(ByteBufAllocator allocator) {
    int whole = reading.pieceBytes(piece);
    ByteBuf bytes = allocator.directBuffer(whole, whole);
    if (!reading.read(piece, MemorySegment.ofBuffer(bytes.nioBuffer(0, whole)))) {
      bytes.release();
      return Optional.empty();
    }
    int count = (int) Math.min(whole - from, remaining);
    bytes.setIndex((int) from, (int) from + count);
    advance(count);
    return Optional.of(new Piece(bytes));
  }

  @Override
  public boolean readAll(MemorySegment target) {
    if (from == 0 && wanted() == remaining) {
      return reading.read(piece, target);
    }
    try (Arena arena = Arena.ofConfined()) {
      long at = 0;
      while (remaining > 0) {
        MemorySegment whole = arena.allocate(reading.pieceBytes(piece));
        if (!reading.read(piece, whole)) {
          return false;
        }
        long count = Math.min(whole.byteSize() - from, remaining);
        MemorySegment.copy(whole, from, target, at, count);
        at += count;
        advance(count);
      }
      return true;
    }
  }

  private void advance(long count) {
    from += count;
    remaining -= count;
    skip();
  }

  @Override
  public void close() {
    reading.close();
  }
}
