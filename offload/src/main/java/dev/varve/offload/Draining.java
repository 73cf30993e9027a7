package dev.varve.offload;

/**
 * Whether one tier is being emptied: from its high mark on, until it is at its low mark. For one
 * thread at a time.
 */
final class Draining {

  private static final long NEVER = -1;

  private final Watermarks marks;
  private boolean draining;
  private long vainAt = NEVER;

  Draining(Watermarks marks) {
    this.marks = marks;
  }

  /** How much is to leave a tier that holds {@code used} of {@code capacity}; 0 for nothing. */
  long excess(long used, long capacity) {
    long above = marks.aboveLow(used, capacity);
    draining = above > 0 && (draining || marks.excess(used, capacity) > 0);
    return draining && used != vainAt ? above : 0;
  }

  /** Notes that nothing could leave: not asked for again while the tier holds just as much. */
  void vain(long used) {
    vainAt = used;
  }

  /** Notes that something left. */
  void progressed() {
    vainAt = NEVER;
  }
}
