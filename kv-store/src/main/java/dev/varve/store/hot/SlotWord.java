package dev.varve.store.hot;

/**
 * State of one slot in a {@code long} that changes by compare-and-set.
 *
 * <pre>
 *  63          32 31   30 29      0
 *  +-------------+-------+---------+
 *  | generation  | state | leases  |
 *  +-------------+-------+---------+
 * </pre>
 *
 * The generation grows whenever the slot is given back, so that a handle of an earlier life fails.
 */
final class SlotWord {

  private static final int STATE_SHIFT = 30;
  private static final long STATE_MASK = 3L << STATE_SHIFT;
  private static final long FILLING = 1L << STATE_SHIFT;
  private static final long RESIDENT = 2L << STATE_SHIFT;
  private static final long LEASES_MASK = (1L << STATE_SHIFT) - 1;
  private static final int GENERATION_SHIFT = 32;

  private SlotWord() {}

  static int generation(long word) {
    return (int) (word >>> GENERATION_SHIFT);
  }

  static int leases(long word) {
    return (int) (word & LEASES_MASK);
  }

  static boolean isFilling(long word, int generation) {
    return (word & STATE_MASK) == FILLING && generation(word) == generation;
  }

  static boolean isResident(long word, int generation) {
    return (word & STATE_MASK) == RESIDENT && generation(word) == generation;
  }

  static long filling(long word) {
    return (word & ~(STATE_MASK | LEASES_MASK)) | FILLING;
  }

  static long resident(long word) {
    return (word & ~(STATE_MASK | LEASES_MASK)) | RESIDENT;
  }

  static long leased(long word) {
    return word + 1;
  }

  static long released(long word) {
    if (leases(word) == 0) {
      throw new IllegalStateException("a hot slot was released more often than it was leased");
    }
    return word - 1;
  }

  static long retired(long word) {
    return (generation(word) + 1L) << GENERATION_SHIFT;
  }
}
