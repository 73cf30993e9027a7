package dev.varve.store.ssd;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** One file, read and written by position. Thread-safe. */
interface BlockFile extends Closeable {

  /** Writes all of {@code bytes}. */
  void write(MemorySegment bytes, long position) throws IOException;

  /** Fills all of {@code bytes}; an {@link java.io.EOFException} if the file is too short. */
  void read(MemorySegment bytes, long position) throws IOException;

  /** Fills all of {@code first} and, from where that ends, {@code second}. */
  default void read(MemorySegment first, MemorySegment second, long position) throws IOException {
    read(first, position);
    read(second, position + first.byteSize());
  }

  /** Returns once everything written is on the disk. */
  void force() throws IOException;

  void truncate(long bytes) throws IOException;
}
