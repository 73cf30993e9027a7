package dev.varve.store.object;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A claim on one state of an object: its bytes can be read until this is closed, whoever replaces
 * or deletes the object meanwhile, unless a disk loses them. For one thread at a time.
 */
public interface ObjectLease extends AutoCloseable {

  /** What was leased. */
  ObjectInfo info();

  /** Bytes of the object. */
  default long length() {
    return info().length();
  }

  /**
   * Copies bytes, checked.
   *
   * @param offset of the first one
   * @param target filled whole; on the heap or not
   * @return false if some are damaged or lost, which is counted and logged: then {@code target}
   *     holds nothing of use and the object is gone for whoever asks next
   * @throws IllegalArgumentException if the object has fewer bytes
   */
  boolean read(long offset, MemorySegment target);

  /** The same into what remains of a buffer, whose position does not change. */
  default boolean read(long offset, ByteBuffer target) {
    return read(offset, MemorySegment.ofBuffer(target));
  }

  /** Ends the lease. Idempotent. */
  @Override
  void close();
}
