package dev.varve.cli.bench;

import java.lang.management.ManagementFactory;

/** Bytes of the objects that are reachable. */
final class UsedHeap {

  private static final int COLLECTIONS = 3;

  private UsedHeap() {}

  /** Collects what is not reachable and reads what the heap holds then. */
  static long now() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
