package dev.varve.sidecar.value;

import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Piece;
import dev.varve.sidecar.resp.StoredBytes;
import dev.varve.store.object.ObjectLease;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A range of an object that is read from the store as it is written to the network. */
final class StreamedValue implements StoredBytes {

  private final ObjectLease lease;
  private long offset;
  private long remaining;

  /**
   * @param lease closed with this
   * @param offset of the first byte
   * @param length number of bytes, which the object must have
   */
  StreamedValue(ObjectLease lease, long offset, long length) {
    this.lease = lease;
    this.offset = offset;
    this.remaining = length;
  }

  @Override
  public long remaining() {
    return remaining;
  }

  /** Up to the next boundary of a piece, where the store's own pieces end as well. */
  @Override
  public long wanted() {
    return Math.min(remaining, Argument.PIECE_BYTES - offset % Argument.PIECE_BYTES);
  }

  @Override
  public Optional<Piece> read(ByteBufAllocator allocator) {
    int length = (int) wanted();
    ByteBuf bytes = allocator.directBuffer(length, length);
    boolean whole = false;
    try {
      whole = lease.read(offset, bytes.nioBuffer(0, length));
    } finally {
      if (!whole) {
        bytes.release();
      }
    }
    if (!whole) {
      return Optional.empty();
    }
    offset += length;
    remaining -= length;
    return Optional.of(new Piece(bytes.writerIndex(length)));
  }

  @Override
  public boolean readAll(MemorySegment target) {
    return lease.read(offset, target);
  }

  @Override
  public void close() {
    lease.close();
  }
}
