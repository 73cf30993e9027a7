package dev.varve.compression.entropy;

import java.util.Arrays;

/**
 * The 4,096 slots of a table of at most 32 symbols as 32 buckets of 128, each shared by at most two
 * symbols, so that a decoder finds symbol, frequency and offset by one comparison and tables that
 * fit into registers.
 *
 * <p>A. J. Walker's alias method (1977), used for rANS as F. Giesen describes ("rANS with static
 * probability distributions", 2014). Bucket {@code b} belongs to the {@code b}-th symbol that
 * occurs. Again and again the symbol with least left, the first of equals, puts all it has into its
 * bucket and leaves; the one with most left among the others, the first of equals, fills the bucket
 * up. The occurrences of a symbol are numbered through its own part of a bucket and the parts that
 * it fills, in the order of buckets.
 */
final class AliasBuckets {
  /** Buckets, and most symbols. */
  static final int COUNT = 32;

  /** Logarithm of the slots of a bucket. */
  static final int SLOT_BITS = Frequencies.BITS - 5;

  private static final int SLOTS = 1 << SLOT_BITS;
  private static final int[] ASCENDING = new int[Frequencies.TOTAL];

  static {
    Arrays.setAll(ASCENDING, slot -> slot);
  }

  /** Per bucket the first slot that is not its owner's. */
  final short[] dividers = new short[COUNT];

  /** Per part, first those of the owners, then those of the others: the symbol. */
  final short[] symbols = new short[2 * COUNT];

  /** Per part the frequency of the symbol. */
  final short[] frequencies = new short[2 * COUNT];

  /** Per part what turns a slot into the number of the occurrence, added modulo 65,536. */
  final short[] shifts = new short[2 * COUNT];

  private final int first;
  private final int last;

  AliasBuckets(Frequencies table) {
    int[] symbol = new int[COUNT];
    int[] left = new int[COUNT];
    int owners = 0;
    for (int i = 0; i < Frequencies.SYMBOLS; i++) {
      if (table.of(i) > 0) {
        symbol[owners] = i;
        left[owners++] = table.of(i);
      }
    }
    first = symbol[0];
    last = symbol[owners - 1];
    int[] own = new int[COUNT];
    int[] filler = fill(left, own);
    int[] used = new int[COUNT];
    for (int bucket = 0; bucket < COUNT; bucket++) {
      int from = bucket * SLOTS;
      dividers[bucket] = (short) (from + own[bucket]);
      part(bucket, bucket, from, symbol, table, used);
      used[bucket] += own[bucket];
      int other = filler[bucket];
      part(COUNT + bucket, other, from + own[bucket], symbol, table, used);
      used[other] += SLOTS - own[bucket];
    }
  }

  /** Whether all symbols lie among 32 neighbours, the first of which is {@link #first}. */
  boolean narrow() {
    return last - first < COUNT;
  }

  /** The first symbol that occurs. */
  int first() {
    return first;
  }

  /** The slot of each occurrence, in the order of symbols. */
  int[] slots(Frequencies table) {
    int[] slots = new int[Frequencies.TOTAL];
    int[] next = new int[Frequencies.SYMBOLS];
    int start = 0;
    for (int i = 0; i < Frequencies.SYMBOLS; i++) {
      next[i] = start;
      start += table.of(i);
    }
    for (int bucket = 0; bucket < COUNT; bucket++) {
      int from = bucket * SLOTS;
      int divider = dividers[bucket];
      number(slots, next, symbols[bucket], from, divider);
      number(slots, next, symbols[COUNT + bucket], divider, from + SLOTS);
    }
    return slots;
  }

  /** The next occurrences of {@code symbol} are the slots from {@code from} to {@code to}. */
  private static void number(int[] slots, int[] next, int symbol, int from, int to) {
    System.arraycopy(ASCENDING, from, slots, next[symbol], to - from);
    next[symbol] += to - from;
  }

  private void part(int part, int owner, int slot, int[] symbol, Frequencies table, int[] used) {
    symbols[part] = (short) symbol[owner];
    frequencies[part] = (short) table.of(symbol[owner]);
    shifts[part] = (short) (used[owner] - slot);
  }

  /** Shares the slots out; {@code own} becomes what owners keep, the result who fills up. */
  private static int[] fill(int[] left, int[] own) {
    int[] filler = new int[COUNT];
    int[] least = new int[COUNT];
    int[] most = new int[COUNT];
    for (int i = 0; i < COUNT; i++) {
      put(least, most, i, left[i]);
    }
    for (int i = 0; i < COUNT; i++) {
      int owner = smallest(least) % COUNT;
      least[owner] = Integer.MAX_VALUE;
      most[owner] = Integer.MIN_VALUE;
      own[owner] = Math.min(left[owner], SLOTS);
      filler[owner] = owner;
      if (own[owner] < SLOTS) {
        int other = COUNT - 1 - largest(most) % COUNT;
        filler[owner] = other;
        left[other] -= SLOTS - own[owner];
        put(least, most, other, left[other]);
      }
    }
    return filler;
  }

  /** Makes the smallest of {@code least} and the largest of {@code most} the first of equals. */
  private static void put(int[] least, int[] most, int i, int left) {
    least[i] = left * COUNT + i;
    most[i] = left * COUNT + COUNT - 1 - i;
  }

  // Four at a time, for each waits for the one before it.
  private static int smallest(int[] values) {
    int a = values[0];
    int b = values[1];
    int c = values[2];
    int d = values[3];
    for (int i = 4; i < COUNT; i += 4) {
      a = Math.min(a, values[i]);
      b = Math.min(b, values[i + 1]);
      c = Math.min(c, values[i + 2]);
      d = Math.min(d, values[i + 3]);
    }
    return Math.min(Math.min(a, b), Math.min(c, d));
  }

  private static int largest(int[] values) {
    int a = values[0];
    int b = values[1];
    int c = values[2];
    int d = values[3];
    for (int i = 4; i < COUNT; i += 4) {
      a = Math.max(a, values[i]);
      b = Math.max(b, values[i + 1]);
      c = Math.max(c, values[i + 2]);
      d = Math.max(d, values[i + 3]);
    }
    return Math.max(Math.max(a, b), Math.max(c, d));
  }

  @Override
  public String toString() {
    return "AliasBuckets" + Arrays.toString(dividers);
  }
}
