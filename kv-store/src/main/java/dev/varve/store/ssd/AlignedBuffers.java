package dev.varve.store.ssd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Page-aligned native memory that is lent for the length of a call and used again; the garbage
 * collector frees what is not kept. Thread-safe.
 */
final class AlignedBuffers {

  private static final int MOST_KEPT = 8;
  private static final long GRAIN = 64 << 10;

  private final Deque<MemorySegment> free = new ArrayDeque<>();

  /** Memory lent until it is closed. */
  final class Loan implements AutoCloseable {
    private final MemorySegment memory;

    private Loan(MemorySegment memory) {
      this.memory = memory;
    }

    /** The first {@code bytes} of it; its content is arbitrary. */
    MemorySegment front(long bytes) {
      return memory.asSlice(0, bytes);
    }

    @Override
    public void close() {
      giveBack(memory);
    }
  }

  /** Lends at least {@code bytes}. */
  Loan take(long bytes) {
    MemorySegment memory;
    synchronized (free) {
      memory = free.pollFirst();
    }
    if (memory == null || memory.byteSize() < bytes) {
      long size = Math.ceilDiv(bytes, GRAIN) * GRAIN;
      memory = Arena.ofAuto().allocate(size, SegmentRecordDescriptor.PAGE);
    }
    return new Loan(memory);
  }

  private void giveBack(MemorySegment memory) {
    synchronized (free) {
      if (free.size() < MOST_KEPT) {
        free.addFirst(memory);
      }
    }
  }
}
