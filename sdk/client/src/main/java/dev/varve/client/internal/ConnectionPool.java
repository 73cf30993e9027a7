package dev.varve.client.internal;

import dev.varve.client.RemoteConfig;
import io.netty.channel.EventLoopGroup;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The connections to a server: made when needed, used again, and after a failure not tried again
 * for a while that doubles. Thread-safe.
 */
public final class ConnectionPool implements AutoCloseable {

  private static final long FIRST_PAUSE_NANOS = 50_000_000;
  private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;

  private final RemoteConfig config;
  private final EventLoopGroup loops;
  private final LongSupplier nanos;
  private final ClientCounters counters;
  private final Semaphore free;
  private final Deque<RemoteConnection> idle = new ConcurrentLinkedDeque<>();
  private boolean failed;
  private long pauseNanos = FIRST_PAUSE_NANOS;
  private long pausedSince;
  private volatile boolean closed;

  /**
   * @param loops not ended here
   * @param nanos like {@link System#nanoTime}
   */
  public ConnectionPool(
      RemoteConfig config, EventLoopGroup loops, LongSupplier nanos, ClientCounters counters) {
    this.config = config;
    this.loops = loops;
    this.nanos = nanos;
    this.counters = counters;
    this.free = new Semaphore(config.connections(), true);
  }

  /** A request on a connection. */
  @FunctionalInterface
  public interface Use<T> {
    /** Sends it and reads all of its reply. */
    T on(RemoteConnection connection) throws RemoteException;
  }

  /** Runs a request; the connection is dropped if it is of no use afterwards. */
  public <T> T with(Deadline deadline, Use<T> use) throws RemoteException {
    acquire(deadline);
    try {
      RemoteConnection connection = take(deadline);
      boolean sound = false;
      try {
        T result = use.on(connection);
        sound = true;
        return result;
      } catch (RemoteException e) {
        sound = e.wasAnswered();
        throw e;
      } finally {
        giveBack(connection, sound);
      }
    } finally {
      free.release();
    }
  }

  private void acquire(Deadline deadline) throws RemoteException {
    try {
      if (!free.tryAcquire(Math.max(0, deadline.leftNanos()), TimeUnit.NANOSECONDS)) {
        throw RemoteException.broken("all connections are busy");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RemoteException.broken("interrupted");
    }
  }

  private RemoteConnection take(Deadline deadline) throws RemoteException {
    for (RemoteConnection kept = idle.poll(); kept != null; kept = idle.poll()) {
      if (kept.open()) {
        return kept;
      }
      kept.close();
    }
    checkPause();
    try {
      RemoteConnection made = RemoteConnection.open(config, loops, deadline);
      counters.connects.increment();
      connected();
      return made;
    } catch (RemoteException e) {
      pause();
      throw e;
    }
  }

  private synchronized void checkPause() throws RemoteException {
    if (closed) {
      throw RemoteException.broken("the client is closed");
    }
    if (failed && nanos.getAsLong() - pausedSince < pauseNanos) {
      throw RemoteException.broken("the server failed a moment ago");
    }
  }

  private synchronized void connected() {
    failed = false;
    pauseNanos = FIRST_PAUSE_NANOS;
  }

  private synchronized void pause() {
    pauseNanos = failed ? Math.min(LONGEST_PAUSE_NANOS, 2 * pauseNanos) : FIRST_PAUSE_NANOS;
    failed = true;
    pausedSince = nanos.getAsLong();
  }

  private void giveBack(RemoteConnection connection, boolean sound) {
    if (sound && connection.open() && !closed) {
      idle.push(connection);
    } else {
      connection.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (RemoteConnection kept = idle.poll(); kept != null; kept = idle.poll()) {
      kept.close();
    }
  }
}
