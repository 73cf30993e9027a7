package dev.varve.store.internal;

import dev.varve.store.Digest256;
import java.util.Arrays;

/**
 * Rows of six words under 256-bit digests, in one array: open addressing with linear probing, the
 * rows in the order of their hashes (Amble and Knuth, 1974), so that a search ends at the first
 * greater hash, growing keeps the order, and a removal closes its gap. At most 15/16 full; grows by
 * a sixteenth, so that little is vacant.
 *
 * <pre>
 *  word 0 .. 3   digest
 *  word 4        the caller's
 *  word 5        the caller's, not 0: 0 marks a vacant row
 * </pre>
 *
 * <p>A row's index is valid until the next insertion or removal. Not thread-safe.
 */
public final class ChainRows {

  /** What a search says of a digest that is not here. */
  public static final int ABSENT = -1;

  private static final int WORDS = 6;
  private static final int EXTRA = 4;
  private static final int STATE = 5;
  private static final int LEAST_ROWS = 16;
  private static final int ARRAY_HEADER_BYTES = 16;

  private static final long[] EMPTY = {};

  private final long seed;
  private final int usedBits;
  private long[] words = EMPTY;
  private int size;

  /**
   * No rows, and no memory for any.
   *
   * @param seed of the hash
   * @param usedBits leading bits of the hash that are equal in all rows of this table
   */
  public ChainRows(long seed, int usedBits) {
    this.seed = seed;
    this.usedBits = usedBits;
  }

  /** The hash of a digest that begins with {@code first}; who does not know the seed cannot aim. */
  public static long hash(long first, long seed) {
    long mixed = (first ^ seed) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    return mixed ^ (mixed >>> 32);
  }

  /** Rows held. */
  public int size() {
    return size;
  }

  /** Bytes of the array. */
  public long bytes() {
    return words.length == 0 ? 0 : ARRAY_HEADER_BYTES + (long) words.length * Long.BYTES;
  }

  /** One past the greatest index. */
  public int end() {
    return words.length / WORDS;
  }

  /** Whether there is a row at {@code index}. */
  public boolean used(int index) {
    return words[index * WORDS + STATE] != 0;
  }

  /** The row of {@code digest}, or {@link #ABSENT}. */
  public int find(Digest256 digest) {
    for (int row = named(digest.first(), ABSENT); row != ABSENT; row = named(digest.first(), row)) {
      int at = row * WORDS;
      if (words[at + 1] == digest.second()
          && words[at + 2] == digest.third()
          && words[at + 3] == digest.fourth()) {
        return row;
      }
    }
    return ABSENT;
  }

  /**
   * The next row behind {@code previous} whose digest begins with {@code first}, or {@link
   * #ABSENT}; the first one if {@code previous} is {@link #ABSENT}.
   */
  public int named(long first, int previous) {
    long hash = hash(first, seed);
    int end = end();
    if (end == 0) {
      return ABSENT;
    }
    for (int row = previous == ABSENT ? home(hash, end) : previous + 1; row < end; row++) {
      int at = row * WORDS;
      if (words[at + STATE] == 0) {
        return ABSENT;
      }
      if (words[at] == first) {
        return row;
      }
      if (Long.compareUnsigned(hash(words[at], seed), hash) > 0) {
        return ABSENT;
      }
    }
    return ABSENT;
  }

  /** The digest of a row. */
  public Digest256 digest(int row) {
    int at = row * WORDS;
    return new Digest256(words[at], words[at + 1], words[at + 2], words[at + 3]);
  }

  public long extra(int row) {
    return words[row * WORDS + EXTRA];
  }

  public long state(int row) {
    return words[row * WORDS + STATE];
  }

  /** Changes the last word of a row. */
  public void setState(int row, long state) {
    words[row * WORDS + STATE] = checked(state);
  }

  /** Adds the row of a digest that is not here. */
  public void insert(Digest256 digest, long extra, long state) {
    checked(state);
    if (16L * (size + 1) > 15L * end()) {
      resize(Math.max(LEAST_ROWS, end() + end() / 16 + 1));
    }
    long hash = hash(digest.first(), seed);
    int row = place(hash);
    while (row == ABSENT) {
      resize(end() + end() / 16 + 1);
      row = place(hash);
    }
    int at = row * WORDS;
    words[at] = digest.first();
    words[at + 1] = digest.second();
    words[at + 2] = digest.third();
    words[at + 3] = digest.fourth();
    words[at + EXTRA] = extra;
    words[at + STATE] = state;
    size++;
  }

  /** Makes the row for a hash vacant by moving those behind it; ABSENT if the end is too near. */
  private int place(long hash) {
    int end = end();
    int row = home(hash, end);
    while (row < end
        && used(row)
        && Long.compareUnsigned(hash(words[row * WORDS], seed), hash) <= 0) {
      row++;
    }
    int vacant = row;
    while (vacant < end && used(vacant)) {
      vacant++;
    }
    if (vacant == end) {
      return ABSENT;
    }
    System.arraycopy(words, row * WORDS, words, (row + 1) * WORDS, (vacant - row) * WORDS);
    return row;
  }

  /** Removes a row. */
  public void remove(int row) {
    int end = end();
    int stop = row + 1;
    while (stop < end && used(stop) && home(hash(words[stop * WORDS], seed), end) < stop) {
      stop++;
    }
    System.arraycopy(words, (row + 1) * WORDS, words, row * WORDS, (stop - row - 1) * WORDS);
    Arrays.fill(words, (stop - 1) * WORDS, stop * WORDS, 0);
    size--;
    if (size == 0) {
      words = EMPTY;
    } else if (end > LEAST_ROWS && size < end / 2) {
      resize(Math.max(LEAST_ROWS, size + size / 8 + 1));
    }
  }

  /** Moves all rows, in their order, to an array of {@code rows} or more. */
  private void resize(int rows) {
    long[] old = words;
    words = new long[Math.multiplyExact(rows, WORDS)];
    int next = 0;
    for (int from = 0; from < old.length; from += WORDS) {
      if (old[from + STATE] != 0) {
        int to = Math.max(next, home(hash(old[from], seed), rows));
        if (to == rows) {
          words = old;
          resize(rows + rows / 16 + 1);
          return;
        }
        System.arraycopy(old, from, words, to * WORDS, WORDS);
        next = to + 1;
      }
    }
  }

  /** Where a hash would lie if nothing stood in its way; the last rows are left to the others. */
  private int home(long hash, int rows) {
    return (int) Math.unsignedMultiplyHigh(hash << usedBits, rows - rows / 64L);
  }

  private static long checked(long state) {
    if (state == 0) {
      throw new IllegalArgumentException("the state of a row must not be 0: that marks no row");
    }
    return state;
  }
}
