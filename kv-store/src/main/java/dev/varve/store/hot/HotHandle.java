package dev.varve.store.hot;

/**
 * A slot and the life of it that is meant, in 56 bits.
 *
 * <pre>
 *  55            24 23           0
 *  +---------------+-------------+
 *  | generation    | slot        |
 *  +---------------+-------------+
 * </pre>
 */
final class HotHandle {

  static final int SLOT_BITS = 24;

  private static final long SLOT_MASK = (1L << SLOT_BITS) - 1;

  private HotHandle() {}

  static long of(int slot, int generation) {
    return (Integer.toUnsignedLong(generation) << SLOT_BITS) | slot;
  }

  static int slot(long handle) {
    return (int) (handle & SLOT_MASK);
  }

  static int generation(long handle) {
    return (int) (handle >>> SLOT_BITS);
  }

  static String describe(long handle) {
    return slot(handle) + " of generation " + Integer.toUnsignedString(generation(handle));
  }
}
