package dev.varve.compression.lossless;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Which tokens of a section have, in all heads, the row of an earlier one. In the first layers of a
 * model values depend on the token alone, and there a token that comes again brings its row again.
 *
 * <p>A token's reference is its distance from the latest equal one, at most 255; 0 stands for a row
 * that is stored. For one thread at a time.
 */
final class RowReferences {
  /** Shorter rows, over all heads, have no references. */
  private static final int LEAST_ROW_BYTES = 32;

  private static final int MOST_DISTANCE = 255;
  private static final int FRONT_BYTES = 32;
  private static final long FACTOR = 0x9e3779b97f4a7c15L;
  private static final int NONE = -1;

  private final byte[] distances;
  private final int[] places;
  private final long[] hashes;
  private final int shift;
  private int tokens;
  private int stored;

  /** One for up to {@code mostTokens} rows of {@code rowBytes} bytes over all heads. */
  RowReferences(int mostTokens, long rowBytes) {
    int most = rowBytes < LEAST_ROW_BYTES ? 0 : mostTokens;
    this.distances = new byte[most];
    int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(2 * most));
    this.places = new int[1 << bits];
    this.hashes = new long[1 << bits];
    this.shift = Long.SIZE - bits;
  }

  /**
   * Looks for equal rows. Two rows are compared if the first 32 bytes of their first heads have one
   * hash; of several rows with one hash only the latest is compared.
   *
   * @param source by head, {@code [tokens][rowBytes]}
   * @return whether there are any
   */
  boolean find(IntFunction<MemorySegment> source, int heads, int tokens, int rowBytes) {
    if (!fits(tokens)) {
      return false;
    }
    this.tokens = tokens;
    stored = tokens;
    Arrays.fill(distances, 0, tokens, (byte) 0);
    Arrays.fill(places, NONE);
    MemorySegment first = source.apply(0);
    for (int token = 0; token < tokens; token++) {
      long hash = hash(first, (long) token * rowBytes, rowBytes);
      int place = (int) (hash >>> shift);
      while (places[place] != NONE && hashes[place] != hash) {
        place = (place + 1) & (places.length - 1);
      }
      int earlier = places[place];
      hashes[place] = hash;
      places[place] = token;
      if (earlier != NONE
          && token - earlier <= MOST_DISTANCE
          && equal(source, heads, earlier, token, rowBytes)) {
        distances[token] = (byte) (token - earlier);
        stored--;
      }
    }
    return stored < tokens;
  }

  private static long hash(MemorySegment rows, long from, int rowBytes) {
    int bytes = Math.min(rowBytes, FRONT_BYTES);
    long hash = 0;
    int at = 0;
    for (; at <= bytes - Long.BYTES; at += Long.BYTES) {
      hash = (hash ^ rows.get(ValueLayout.JAVA_LONG_UNALIGNED, from + at)) * FACTOR;
      hash ^= hash >>> Integer.SIZE;
    }
    for (; at < bytes; at++) {
      hash = (hash ^ rows.get(ValueLayout.JAVA_BYTE, from + at)) * FACTOR;
    }
    return hash * FACTOR;
  }

  private static boolean equal(
      IntFunction<MemorySegment> source, int heads, int one, int other, int rowBytes) {
    for (int head = 0; head < heads; head++) {
      MemorySegment rows = source.apply(head);
      long a = (long) one * rowBytes;
      long b = (long) other * rowBytes;
      if (MemorySegment.mismatch(rows, a, a + rowBytes, rows, b, b + rowBytes) >= 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether so many tokens can have references. */
  boolean fits(int count) {
    return count <= distances.length;
  }

  /** Where foreign distances may be put before {@link #accept}. */
  byte[] distances() {
    return distances;
  }

  /** Takes the first {@code count} distances as they are; false if one points before the first. */
  boolean accept(int count) {
    tokens = count;
    stored = 0;
    for (int token = 0; token < count; token++) {
      if (distance(token) > token) {
        return false;
      }
      stored += distance(token) == 0 ? 1 : 0;
    }
    return true;
  }

  /** Tokens whose rows are stored. */
  int stored() {
    return stored;
  }

  private int distance(int token) {
    return Byte.toUnsignedInt(distances[token]);
  }

  /** Moves the stored rows of {@code [heads][tokens][dim]} bytes together. */
  void compact(byte[] plane, int heads, int dim) {
    int at = 0;
    for (int head = 0; head < heads; head++) {
      for (int token = 0; token < tokens; token++) {
        if (distance(token) == 0) {
          System.arraycopy(plane, (head * tokens + token) * dim, plane, at, dim);
          at += dim;
        }
      }
    }
  }

  /** Takes rows that stand together to their places. */
  @FunctionalInterface
  interface Placing {
    /** Takes {@code rows} stored rows from number {@code from} on to token {@code token} on. */
    void place(int from, int rows, int token);
  }

  /** Hands over the stored rows, as many at once as stand together in both places. */
  void place(Placing target) {
    int from = 0;
    int token = 0;
    while (token < tokens) {
      int first = token;
      while (token < tokens && distance(token) == 0) {
        token++;
      }
      if (token > first) {
        target.place(from, token - first, first);
        from += token - first;
      }
      while (token < tokens && distance(token) != 0) {
        token++;
      }
    }
  }

  /** Copies, in the rows of one head, to every reference what it names. */
  void resolve(MemorySegment rows, long rowBytes) {
    for (int token = 0; token < tokens; token++) {
      int distance = distance(token);
      if (distance != 0) {
        MemorySegment.copy(rows, (token - distance) * rowBytes, rows, token * rowBytes, rowBytes);
      }
    }
  }
}
