package dev.varve.store.hot;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The free slots as a linked stack (Treiber, 1986) whose head carries a counter against the ABA
 * problem.
 */
final class FreeList {

  private static final int NONE = -1;

  private final AtomicIntegerArray next;
  private final AtomicLong head = new AtomicLong(pack(0, NONE));
  private final AtomicLong size = new AtomicLong();

  /** All slots free, the first on top. */
  FreeList(AtomicIntegerArray next) {
    this.next = next;
    for (int slot = next.length() - 1; slot >= 0; slot--) {
      push(slot);
    }
  }

  int size() {
    return (int) size.get();
  }

  void push(int slot) {
    long seen;
    do {
      seen = head.get();
      next.set(slot, (int) seen);
    } while (!head.compareAndSet(seen, pack((int) (seen >>> 32) + 1, slot)));
    size.incrementAndGet();
  }

  /** A free slot, or -1. */
  int pop() {
    long seen;
    int top;
    do {
      seen = head.get();
      top = (int) seen;
      if (top == NONE) {
        return NONE;
      }
    } while (!head.compareAndSet(seen, pack((int) (seen >>> 32) + 1, next.get(top))));
    size.decrementAndGet();
    return top;
  }

  private static long pack(int counter, int slot) {
    return ((long) counter << 32) | Integer.toUnsignedLong(slot);
  }
}
