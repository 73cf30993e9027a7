package dev.varve.sidecar.value;

import java.lang.foreign.MemorySegment;

/** A claim on one version of a value, in pieces; for one thread at a time. */
public interface ValueReading extends AutoCloseable {

  /** Length of the value. */
  long bytes();

  /** When it ends, in milliseconds since 1970, or {@link ValueStore#NEVER}. */
  long expiresAtMillis();

  /** Number of pieces. */
  int pieces();

  /** Length of one piece, at most a megabyte. */
  int pieceBytes(int piece);

  /**
   * Copies a piece, checked.
   *
   * @param target native memory of at least its length
   * @return false if it is damaged: then the value is gone for whoever asks next
   */
  boolean read(int piece, MemorySegment target);

  @Override
  void close();
}
