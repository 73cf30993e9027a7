package dev.varve.sidecar.memory;

import dev.varve.store.Checks;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/**
 * Bytes that all connections together may hold. Who does not get them at once waits its turn, first
 * come first served, without a thread. Thread-safe.
 */
public final class MemoryBudget {

  private final long total;
  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private long used;

  private record Waiter(long bytes, Executor executor, Runnable granted) {}

  /**
   * @param total bytes
   */
  public MemoryBudget(long total) {
    this.total = Checks.positive(total, "memory budget");
  }

  /** Takes {@code bytes} if they are free and nobody waits. */
  public synchronized boolean tryReserve(long bytes) {
    if (!waiters.isEmpty() || bytes > total - used) {
      return false;
    }
    used += bytes;
    return true;
  }

  /**
   * Takes {@code bytes} as soon as they are free, and then tells so.
   *
   * @param granted run by {@code executor} once the bytes are the caller's
   * @throws IllegalArgumentException if there will never be as many
   */
  public void reserve(long bytes, Executor executor, Runnable granted) {
    synchronized (this) {
      if (bytes > total) {
        throw new IllegalArgumentException(
            bytes + " bytes are more than the whole budget of " + total);
      }
      waiters.add(new Waiter(bytes, executor, granted));
    }
    grant();
  }

  /** Gives bytes back. */
  public void release(long bytes) {
    synchronized (this) {
      if (bytes > used) {
        throw new IllegalArgumentException(bytes + " bytes released, reserved were " + used);
      }
      used -= bytes;
    }
    grant();
  }

  /** Bytes taken now. */
  public synchronized long used() {
    return used;
  }

  /** Bytes there are. */
  public long total() {
    return total;
  }

  private void grant() {
    while (true) {
      Waiter next;
      synchronized (this) {
        next = waiters.peek();
        if (next == null || next.bytes > total - used) {
          return;
        }
        waiters.remove();
        used += next.bytes;
      }
      next.executor.execute(next.granted);
    }
  }
}
