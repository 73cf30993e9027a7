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
  private static final int INDEX_BITS = 5;

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
    int[] starts = new int[Frequencies.SYMBOLS];
    int start = 0;
    for (int i = 0; i < Frequencies.SYMBOLS; i++) {
      starts[i] = start;
      start += table.of(i);
    }
    for (int bucket = 0; bucket < COUNT; bucket++) {
      int from = bucket * SLOTS;
      ascend(
          slots, starts[symbols[bucket]] + (short) (from + shifts[bucket]), from, dividers[bucket]);
      int other = COUNT + bucket;
      int divider = dividers[bucket];
      ascend(
          slots, starts[symbols[other]] + (short) (divider + shifts[other]), divider, from + SLOTS);
    }
    return slots;
  }

  private static void ascend(int[] target, int at, int from, int to) {
    for (int i = 0; i < to - from; i++) {
      target[at + i] = from + i;
    }
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
      set(least, most, i, left[i]);
    }
    for (int i = 0; i < COUNT; i++) {
      int owner = smallest(least) & (COUNT - 1);
      int kept = Math.min(least[owner] >>> INDEX_BITS, SLOTS);
      least[owner] = Integer.MAX_VALUE;
      most[owner] = -1;
      own[owner] = kept;
      filler[owner] = owner;
      if (kept < SLOTS) {
        int other = COUNT - 1 - (greatest(most) & (COUNT - 1));
        filler[owner] = other;
        set(least, most, other, (least[other] >>> INDEX_BITS) - (SLOTS - kept));
      }
    }
    return filler;
  }

  // What is left with the place behind it, so that of equals the first is the least and the most.
  private static void set(int[] least, int[] most, int at, int left) {
    least[at] = (left << INDEX_BITS) | at;
    most[at] = (left << INDEX_BITS) | (COUNT - 1 - at);
  }

  private static int smallest(int[] keys) {
    int a = keys[0];
    int b = keys[1];
    int c = keys[2];
    int d = keys[3];
    for (int i = 4; i < COUNT; i += 4) {
      a = Math.min(a, keys[i]);
      b = Math.min(b, keys[i + 1]);
      c = Math.min(c, keys[i + 2]);
      d = Math.min(d, keys[i + 3]);
    }
    return Math.min(Math.min(a, b), Math.min(c, d));
  }

  private static int greatest(int[] keys) {
    int a = keys[0];
    int b = keys[1];
    int c = keys[2];
    int d = keys[3];
    for (int i = 4; i < COUNT; i += 4) {
      a = Math.max(a, keys[i]);
      b = Math.max(b, keys[i + 1]);
      c = Math.max(c, keys[i + 2]);
      d = Math.max(d, keys[i + 3]);
    }
    return Math.max(Math.max(a, b), Math.max(c, d));
  }

  @Override
  public String toString() {
    return "AliasBuckets" + Arrays.toString(dividers);
  }
}
