package dev.varve.offload.replacement;

import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * Finds the slot of a 64-bit name that is kept beside the slot and not here: four bytes an entry,
 * the slot and five bits of the name's hash, so that few names are looked at in vain. Many small
 * tables, open addressing with linear probing, at most seven eighths full; each grows by an eighth,
 * so that little is vacant and no insertion waits long.
 */
final class SlotTable {

  /** What {@link #get} says of a name that is not here. */
  static final int ABSENT = -1;

  /** Most slots. */
  static final int MAX_SLOTS = (1 << 27) - 1;

  private static final int STRIPE_BITS = 10;
  private static final int TAG_BITS = 5;
  private static final int TAG_MASK = (1 << TAG_BITS) - 1;
  private static final int VACANT = -1;
  private static final int LEAST = 8;
  private static final int[] NOTHING = {};

  private final IntToLongFunction nameOf;
  private final int[][] stripes = new int[1 << STRIPE_BITS][];
  private final int[] sizes = new int[1 << STRIPE_BITS];

  /**
   * @param nameOf the name of a slot that was put here
   */
  SlotTable(IntToLongFunction nameOf) {
    this.nameOf = nameOf;
    Arrays.fill(stripes, NOTHING);
  }

  /** The slot of {@code name}, or {@link #ABSENT}. */
  int get(long name) {
    long hash = hash(name);
    int[] entries = stripes[stripe(hash)];
    if (entries.length == 0) {
      return ABSENT;
    }
    int place = place(entries, name, hash);
    return entries[place] == VACANT ? ABSENT : entries[place] >>> TAG_BITS;
  }

  /** Enters a name that is not here. */
  void put(long name, int slot) {
    long hash = hash(name);
    int stripe = stripe(hash);
    if (8L * (sizes[stripe] + 1) > 7L * stripes[stripe].length) {
      grow(stripe);
    }
    sizes[stripe]++;
    int[] entries = stripes[stripe];
    int at = home(hash, entries.length);
    while (entries[at] != VACANT) {
      at = next(at, entries.length);
    }
    entries[at] = entry(slot, hash);
  }

  /** Removes a name, whose slot still tells it, and closes the gap. */
  void remove(long name) {
    long hash = hash(name);
    int stripe = stripe(hash);
    int[] entries = stripes[stripe];
    int hole = entries.length == 0 ? 0 : place(entries, name, hash);
    if (entries.length == 0 || entries[hole] == VACANT) {
      return;
    }
    sizes[stripe]--;
    int length = entries.length;
    for (int at = next(hole, length); entries[at] != VACANT; at = next(at, length)) {
      int home = home(hash(nameOf.applyAsLong(entries[at] >>> TAG_BITS)), length);
      if (distance(home, at, length) >= distance(hole, at, length)) {
        entries[hole] = entries[at];
        hole = at;
      }
    }
    entries[hole] = VACANT;
  }

  /** Where {@code name} is, or the vacant place where its search ends. */
  private int place(int[] entries, long name, long hash) {
    int at = home(hash, entries.length);
    while (entries[at] != VACANT
        && ((entries[at] & TAG_MASK) != tag(hash)
            || nameOf.applyAsLong(entries[at] >>> TAG_BITS) != name)) {
      at = next(at, entries.length);
    }
    return at;
  }

  private void grow(int stripe) {
    int[] old = stripes[stripe];
    int[] entries = new int[old.length + Math.max(LEAST, old.length / 8)];
    Arrays.fill(entries, VACANT);
    stripes[stripe] = entries;
    for (int entry : old) {
      if (entry != VACANT) {
        int at = home(hash(nameOf.applyAsLong(entry >>> TAG_BITS)), entries.length);
        while (entries[at] != VACANT) {
          at = next(at, entries.length);
        }
        entries[at] = entry;
      }
    }
  }

  private static int entry(int slot, long hash) {
    if (slot < 0 || slot >= MAX_SLOTS) {
      throw new IllegalStateException(
          "an order holds at most " + MAX_SLOTS + " chunks: make the tier smaller");
    }
    return (slot << TAG_BITS) | tag(hash);
  }

  private static int next(int at, int length) {
    return at + 1 == length ? 0 : at + 1;
  }

  private static int distance(int from, int to, int length) {
    return to >= from ? to - from : to - from + length;
  }

  private static long hash(long name) {
    long mixed = name * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    return mixed ^ (mixed >>> 32);
  }

  private static int stripe(long hash) {
    return (int) (hash >>> (Long.SIZE - STRIPE_BITS));
  }

  private static int home(long hash, int length) {
    return (int) Math.unsignedMultiplyHigh(hash << STRIPE_BITS, length);
  }

  private static int tag(long hash) {
    return (int) hash & TAG_MASK;
  }
}
