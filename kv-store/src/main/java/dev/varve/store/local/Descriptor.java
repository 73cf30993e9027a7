package dev.varve.store.local;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A file descriptor that is closed once, by whoever comes first. Thread-safe. */
final class Descriptor implements AutoCloseable {

  private final int number;
  private boolean open = true;

  /** Takes over an open descriptor. */
  Descriptor(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Ends the flow of bytes, for threads that wait for them; the descriptor stays open. */
  synchronized void shutdown(int direction) {
    if (open) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment state = arena.allocate(Linux.STATE);
        // Fails only where the other side is gone already.
        int _ = (int) Linux.SHUTDOWN.invokeExact(state, number, direction);
      } catch (Throwable e) {
        throw Linux.broken(e);
      }
    }
  }

  @Override
  public synchronized void close() {
    if (open) {
      open = false;
      try (Arena arena = Arena.ofConfined()) {
        int _ = (int) Linux.CLOSE.invokeExact(arena.allocate(Linux.STATE), number);
      } catch (Throwable e) {
        throw Linux.broken(e);
      }
    }
  }
}
