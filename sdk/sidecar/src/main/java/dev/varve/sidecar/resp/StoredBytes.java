package dev.varve.sidecar.resp;

import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A value that is read while it is written to the network. For one thread at a time. */
public interface StoredBytes extends AutoCloseable {

  /** Number of bytes that remain. */
  long remaining();

  /** Memory that the caller must have reserved before it calls {@link #read}. */
  long wanted();

  /**
   * The next piece, which is the caller's to release.
   *
   * @return nothing if the bytes are damaged or gone: then there is no more to be had
   */
  Optional<Piece> read(ByteBufAllocator allocator);

  /**
   * Copies all that remains, which must be little.
   *
   * @param target native memory of that length
   * @return false if the bytes are damaged or gone
   */
  boolean readAll(MemorySegment target);

  @Override
  void close();
}
