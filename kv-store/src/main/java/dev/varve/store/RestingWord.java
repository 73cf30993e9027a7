package dev.varve.store;

/**
 * What the catalog keeps of a chunk beside its names, in a {@code long}: enough to tell where every
 * layer is as long as all of them are in the same tiers below HOT.
 *
 * <pre>
 *  63 62 61            42 41            16 15       8 7     5 4      2  1     0
 *  +----+----------------+----------------+----------+-------+--------+-----+----+
 *  | 0  | owner          | place          | pattern  | tiers | listed |live | 1  |
 *  +----+----------------+----------------+----------+-------+--------+-----+----+
 * </pre>
 *
 * {@code place} counts spans from the start of the sequence; {@code tiers} and {@code listed} hold
 * a bit each for HOST, SSD and REMOTE. While {@code live} is set a {@link ChunkState} knows better
 * than pattern, tiers and listed. An owner of 0 says that the chunk does not fit here: it never
 * rests.
 */
final class RestingWord {

  static final int MAX_OWNER = (1 << 20) - 1;
  static final int MAX_PLACE = (1 << 26) - 1;
  static final int MAX_PATTERN = (1 << 8) - 1;
  static final int NO_OWNER = 0;

  private static final long USED = 1;
  private static final long LIVE = 2;
  private static final int LISTED_SHIFT = 2;
  private static final int TIERS_SHIFT = 5;
  private static final int PATTERN_SHIFT = 8;
  private static final int PLACE_SHIFT = 16;
  private static final int OWNER_SHIFT = 42;
  private static final long LOWER_TIERS = 7;
  private static final long MUTABLE = (1 << PLACE_SHIFT) - 2;

  private RestingWord() {}

  /** A live chunk. */
  static long live(int owner, int place) {
    return ((long) owner << OWNER_SHIFT) | ((long) place << PLACE_SHIFT) | LIVE | USED;
  }

  /** The same chunk, resting: {@code tiers} and {@code listed} are bits of {@link Tier}. */
  static long resting(long word, int pattern, int tiers, int listed) {
    return (word & ~MUTABLE)
        | ((long) pattern << PATTERN_SHIFT)
        | ((long) (tiers >> 1) << TIERS_SHIFT)
        | ((long) (listed >> 1) << LISTED_SHIFT);
  }

  /** The same chunk, live. */
  static long woken(long word) {
    return word | LIVE;
  }

  /** A resting chunk with other listings. */
  static long listed(long word, int listed) {
    return (word & ~(LOWER_TIERS << LISTED_SHIFT)) | ((long) (listed >> 1) << LISTED_SHIFT);
  }

  static boolean isLive(long word) {
    return (word & LIVE) != 0;
  }

  static int owner(long word) {
    return (int) (word >>> OWNER_SHIFT) & MAX_OWNER;
  }

  static int place(long word) {
    return (int) (word >>> PLACE_SHIFT) & MAX_PLACE;
  }

  static int pattern(long word) {
    return (int) (word >>> PATTERN_SHIFT) & MAX_PATTERN;
  }

  static int tiers(long word) {
    return (int) ((word >>> TIERS_SHIFT) & LOWER_TIERS) << 1;
  }

  static int listed(long word) {
    return (int) ((word >>> LISTED_SHIFT) & LOWER_TIERS) << 1;
  }
}
