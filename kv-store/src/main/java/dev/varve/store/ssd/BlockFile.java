package dev.varve.store.ssd;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** One file, read and written by position. Thread-safe. */
interface BlockFile extends Closeable {

  /** Writes all of {@code bytes}. */
  void write(MemorySegment bytes, long position) throws IOException;

  /** Writes all of {@code pieces}, one behind the other. */
  default void write(List<MemorySegment> pieces, long position) throws IOException {
    long at = position;
    for (MemorySegment piece : pieces) {
      write(piece, at);
      at += piece.byteSize();
    }
  }

  /** Fills all of {@code bytes}; an {@link java.io.EOFException} if the file is too short. */
  void read(MemorySegment bytes, long position) throws IOException;

  /** Fills all of {@code pieces}, one behind the other. */
  default void read(List<MemorySegment> pieces, long position) throws IOException {
    long at = position;
    for (MemorySegment piece : pieces) {
      read(piece, at);
      at += piece.byteSize();
    }
  }

  /** Returns once everything written is on the disk. */
  void force() throws IOException;

  void truncate(long bytes) throws IOException;
}
