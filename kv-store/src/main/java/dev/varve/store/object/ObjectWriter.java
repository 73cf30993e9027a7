package dev.varve.store.object;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Takes the bytes of an object as they come, a piece at a time. Nobody sees them before {@link
 * #commit}; a writer that is closed without it leaves nothing behind. For one thread at a time.
 */
public interface ObjectWriter extends AutoCloseable {

  /**
   * Appends bytes.
   *
   * @param bytes borrowed until this returns; native memory is taken without a copy where it fills
   *     whole pieces
   * @throws IllegalArgumentException if the object would exceed {@link ObjectSpace#MAX_BYTES}
   * @throws dev.varve.store.StoreException if the disk cannot be written
   */
  void write(MemorySegment bytes);

  /** Appends what remains in a buffer, whose position does not change. */
  default void write(ByteBuffer bytes) {
    write(MemorySegment.ofBuffer(bytes));
  }

  /** Bytes written so far. */
  long length();

  /**
   * Makes what was written the object, without conditions. What was begun by {@link
   * ObjectSpace#write} never expires, an append changes nothing of when the object ends.
   */
  CommitResult commit();

  /**
   * Makes what was written the object, all at once, and ends the writer. Who leases the object as
   * it was before reads on undisturbed. An object with a condition that is not met, or for which
   * there is no room, leaves everything as it was.
   *
   * @throws IllegalArgumentException if the terms name a moment that is not in the future
   * @throws dev.varve.store.StoreException if the disk cannot be written; the object is as before
   */
  CommitResult commit(CommitTerms terms);

  /** Drops what was not committed. Idempotent. */
  @Override
  void close();
}
