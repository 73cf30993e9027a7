package dev.varve.offload.object;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Lets one thread at a time change an object; many names share a lock. Thread-safe. */
final class NameLocks {

  private final Lock[] locks = new Lock[256];

  NameLocks() {
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** Runs {@code change} while nobody else changes the object. */
  <T> T alone(ObjectName name, Supplier<T> change) {
    Lock lock = locks[(int) name.digest().fourth() & (locks.length - 1)];
    lock.lock();
    try {
      return change.get();
    } finally {
      lock.unlock();
    }
  }
}
