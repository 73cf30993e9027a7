package dev.varve.store.internal;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets calls into a tier until it is closed, one change at a time, any number of reads beside it;
 * {@link #close} waits for the calls under way. A call that would wait for its own caller is an
 * error at once.
 */
public final class TierGate {

  private final String name;
  private final ReentrantReadWriteLock open = new ReentrantReadWriteLock();
  private final ReentrantLock changing = new ReentrantLock();
  private boolean closed;

  /**
   * A gate that is open.
   *
   * @param name of the tier, for messages
   */
  public TierGate(String name) {
    this.name = name;
  }

  /** A call under way. Close it on the thread that entered. */
  public interface Passage extends AutoCloseable {
    @Override
    void close();
  }

  /** Begins a read; reads may nest. */
  public Passage enterToRead() {
    open.readLock().lock();
    if (closed) {
      open.readLock().unlock();
      throw new IllegalStateException("the " + name + " is closed");
    }
    return open.readLock()::unlock;
  }

  /** Begins a read if the gate is open and nobody is about to shut it; does not wait. */
  public Optional<Passage> tryEnterToRead() {
    if (!open.readLock().tryLock()) {
      return Optional.empty();
    }
    if (closed) {
      open.readLock().unlock();
      return Optional.empty();
    }
    return Optional.of(open.readLock()::unlock);
  }

  /** Begins a change: waits for the change before it. */
  public Passage enterToChange() {
    refuseInsideACall("changed");
    Passage passage = enterToRead();
    changing.lock();
    return () -> {
      changing.unlock();
      passage.close();
    };
  }

  /** Shuts the gate, then runs {@code release}, once. */
  public void close(Runnable release) {
    refuseInsideACall("closed");
    open.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        release.run();
      }
    } finally {
      open.writeLock().unlock();
    }
  }

  private void refuseInsideACall(String what) {
    if (open.getReadHoldCount() > 0) {
      throw new IllegalStateException(
          "the " + name + " cannot be " + what + " from inside a reader or consumer of its own");
    }
  }
}
