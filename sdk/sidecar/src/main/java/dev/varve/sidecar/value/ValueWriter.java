package dev.varve.sidecar.value;

import java.lang.foreign.MemorySegment;

/** Writes one value; nobody sees it before {@link #commit}. For one thread at a time. */
public interface ValueWriter extends AutoCloseable {

  /**
   * Appends bytes.
   *
   * @param bytes borrowed until this returns
   */
  void write(MemorySegment bytes);

  /**
   * Makes this the value.
   *
   * @param expiresAtMillis since 1970, or {@link ValueStore#NEVER}
   * @return false if there was no room: then the value before stays
   */
  boolean commit(long expiresAtMillis);

  /** Ends the writer; what was not committed is dropped. */
  @Override
  void close();
}
