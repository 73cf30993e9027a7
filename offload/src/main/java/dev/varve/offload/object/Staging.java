package dev.varve.offload.object;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Native buffers that hold one extent each, used again and again: making one costs more than
 * filling it. Aligned to pages, so that tiers write from where the bytes lie. Thread-safe.
 */
final class Staging implements AutoCloseable {

  private static final int ALIGNMENT = 4096;
  private static final int MOST_KEPT = 32;

  /** A buffer of one user at a time. */
  record Buffer(Arena arena, MemorySegment bytes) {}

  private final int bytes;
  private final ConcurrentLinkedQueue<Buffer> free = new ConcurrentLinkedQueue<>();
  private final AtomicInteger kept = new AtomicInteger();
  private volatile boolean open = true;

  /**
   * @param bytes of a buffer
   */
  Staging(int bytes) {
    this.bytes = bytes;
  }

  /** A buffer with any content; the caller gives it back. */
  Buffer take() {
    Buffer buffer = free.poll();
    if (buffer != null) {
      kept.decrementAndGet();
      return buffer;
    }
    Arena arena = Arena.ofShared();
    return new Buffer(arena, arena.allocate(bytes, ALIGNMENT));
  }

  void give(Buffer buffer) {
    if (open && kept.get() < MOST_KEPT) {
      kept.incrementAndGet();
      free.add(buffer);
    } else {
      buffer.arena().close();
    }
  }

  /** Frees what is not in use; what is given back later is freed then. */
  @Override
  public void close() {
    open = false;
    for (Buffer buffer = free.poll(); buffer != null; buffer = free.poll()) {
      buffer.arena().close();
    }
  }
}
