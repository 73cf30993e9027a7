package dev.varve.store;

/**
 * Residence of one block in a {@code long}.
 *
 * <pre>
 *  63                        8 7      5   4  3     0
 *  +--------------------------+--------+----+-------+
 *  | handle of the hot slot   | moving |copy| tiers |
 *  |                          | to     |    |       |
 *  +--------------------------+--------+----+-------+
 * </pre>
 *
 * Handle and copy count only while the HOT bit is set. Copy says that the slot was filled from a
 * tier below; nothing moves to HOT, which needs no bit among the tiers that are moved to.
 */
final class ResidenceWord {

  static final long ABSENT = 0;

  private static final int MOVING_SHIFT = 4;
  private static final long MOVING_MASK = 0xE0;
  private static final long COPY = 0x10;
  private static final long TIERS_MASK = 0x0F;
  private static final int HANDLE_SHIFT = 8;

  private ResidenceWord() {}

  static boolean has(long word, Tier tier) {
    return (word & tier.bit()) != 0;
  }

  static boolean anywhere(long word) {
    return (word & TIERS_MASK) != 0;
  }

  /** Whether nothing but tiers below HOT are named, or none. */
  static boolean onlyBelowHot(long word) {
    return (word & ~(TIERS_MASK & ~Tier.HOT.bit())) == 0;
  }

  static boolean movingTo(long word, Tier tier) {
    return (word & MOVING_MASK & ((long) tier.bit() << MOVING_SHIFT)) != 0;
  }

  static long handle(long word) {
    return word >>> HANDLE_SHIFT;
  }

  static long placedHot(long word, long handle) {
    return (word & (TIERS_MASK | MOVING_MASK)) | Tier.HOT.bit() | (handle << HANDLE_SHIFT);
  }

  static long placedHotCopy(long word, long handle) {
    return placedHot(word, handle) | COPY;
  }

  static boolean hotIsCopy(long word) {
    return has(word, Tier.HOT) && (word & COPY) != 0;
  }

  static long placed(long word, Tier tier) {
    return (word | tier.bit()) & ~((long) tier.bit() << MOVING_SHIFT);
  }

  static long dropped(long word, Tier tier) {
    long rest = word & ~(long) tier.bit();
    return tier == Tier.HOT ? rest & (TIERS_MASK | MOVING_MASK) : rest;
  }

  static long moving(long word, Tier to) {
    return (word & ~MOVING_MASK) | ((long) to.bit() << MOVING_SHIFT);
  }

  static long settled(long word) {
    return word & ~MOVING_MASK;
  }
}
