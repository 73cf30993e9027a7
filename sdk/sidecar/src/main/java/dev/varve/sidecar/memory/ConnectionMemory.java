package dev.varve.sidecar.memory;

import dev.varve.sidecar.resp.Memory;
import java.util.concurrent.Executor;

/**
 * What one connection holds of the {@link MemoryBudget}. The first {@link #FLOOR} bytes are its
 * own, so that small requests neither wait nor meet others. Thread-safe.
 */
public final class ConnectionMemory implements Memory {

  /** Bytes that every connection may hold beside the budget. */
  public static final long FLOOR = 1 << 16;

  private final MemoryBudget budget;
  private long used;
  private long reserved;

  public ConnectionMemory(MemoryBudget budget) {
    this.budget = budget;
  }

  @Override
  public synchronized boolean reserve(long bytes) {
    long more = missing(bytes);
    if (more > 0 && !budget.tryReserve(more)) {
      return false;
    }
    reserved += more;
    used += bytes;
    return true;
  }

  /**
   * Waits for {@code bytes}, which {@link #reserve} refused; it grants them afterwards.
   *
   * @param ready run by {@code executor} then
   */
  public void await(long bytes, Executor executor, Runnable ready) {
    long more;
    synchronized (this) {
      more = missing(bytes);
    }
    budget.reserve(
        more,
        executor,
        () -> {
          synchronized (this) {
            reserved += more;
          }
          ready.run();
          trim();
        });
  }

  @Override
  public void release(long bytes) {
    synchronized (this) {
      used -= bytes;
    }
    trim();
  }

  private long missing(long bytes) {
    return Math.max(0, used + bytes - FLOOR - reserved);
  }

  private void trim() {
    long surplus;
    synchronized (this) {
      surplus = Math.max(0, reserved - Math.max(0, used - FLOOR));
      reserved -= surplus;
    }
    if (surplus > 0) {
      budget.release(surplus);
    }
  }
}
