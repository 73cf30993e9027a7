package dev.varve.store.alias;

import dev.varve.store.Digest256;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** BLAKE3 in its plain hashing mode with 32 bytes of output. */
final class Blake3 {

  /*
   * The input is cut into chunks of 1 KiB, the leaves of a binary tree whose left subtrees are full;
   * a leaf chains the compression of its 64-byte blocks, an inner node compresses the values of its
   * two children, and the root is marked. O'Connor, Aumasson, Neves, Wilcox-O'Hearn: "BLAKE3: one
   * function, fast everywhere", 2020, sections 2.1 to 2.5.
   */

  private static final int BLOCK = 64;
  private static final int CHUNK = 1024;
  private static final int ROUNDS = 7;

  private static final int CHUNK_START = 1;
  private static final int CHUNK_END = 2;
  private static final int PARENT = 4;
  private static final int ROOT = 8;

  private static final int[] IV = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
  };
  private static final int[] PERMUTATION = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

  private Blake3() {}

  /** The hash of all of {@code input}. */
  static Digest256 hash(byte[] input) {
    ByteBuffer out = ByteBuffer.allocate(Digest256.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.asIntBuffer().put(node(input, 0, input.length, ROOT));
    return Digest256.read(MemorySegment.ofArray(out.array()), 0);
  }

  private static int[] node(byte[] input, int from, int length, int root) {
    if (length <= CHUNK) {
      return leaf(input, from, length, root);
    }
    int left = Integer.highestOneBit((length - 1) / CHUNK) * CHUNK;
    int[] words = Arrays.copyOf(node(input, from, left, 0), 16);
    System.arraycopy(node(input, from + left, length - left, 0), 0, words, 8, 8);
    return compress(IV, words, new Position(0, BLOCK, PARENT | root));
  }

  private static int[] leaf(byte[] input, int from, int length, int root) {
    int[] value = IV;
    int flags = CHUNK_START;
    int done = 0;
    do {
      int bytes = Math.min(BLOCK, length - done);
      boolean last = done + bytes == length;
      int[] words = words(input, from + done, bytes);
      int all = last ? flags | CHUNK_END | root : flags;
      value = compress(value, words, new Position(from / CHUNK, bytes, all));
      flags = 0;
      done += bytes;
    } while (done < length);
    return value;
  }

  private static int[] words(byte[] input, int from, int bytes) {
    byte[] padded = Arrays.copyOf(Arrays.copyOfRange(input, from, from + bytes), BLOCK);
    int[] words = new int[BLOCK / Integer.BYTES];
    ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words);
    return words;
  }

  /** Number of the chunk, bytes in the block, and flags: the last four words of the state. */
  private record Position(int chunk, int bytes, int flags) {}

  private static int[] compress(int[] value, int[] block, Position at) {
    int[] s = Arrays.copyOf(value, 16);
    System.arraycopy(IV, 0, s, 8, 4);
    s[12] = at.chunk();
    s[14] = at.bytes();
    s[15] = at.flags();
    int[] m = block;
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < 4; i++) {
        mix(s, i, 0, m[2 * i], m[2 * i + 1]);
      }
      for (int i = 0; i < 4; i++) {
        mix(s, i, 1, m[8 + 2 * i], m[9 + 2 * i]);
      }
      m = permuted(m);
    }
    int[] next = new int[8];
    Arrays.setAll(next, i -> s[i] ^ s[i + 8]);
    return next;
  }

  /**
   * Stirs one column of the four-by-four state, or one diagonal if each row is turned by one more.
   */
  private static void mix(int[] s, int a, int turn, int x, int y) {
    int b = 4 + (a + turn) % 4;
    int c = 8 + (a + 2 * turn) % 4;
    int d = 12 + (a + 3 * turn) % 4;
    s[a] += s[b] + x;
    s[d] = Integer.rotateRight(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = Integer.rotateRight(s[b] ^ s[c], 12);
    s[a] += s[b] + y;
    s[d] = Integer.rotateRight(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = Integer.rotateRight(s[b] ^ s[c], 7);
  }

  private static int[] permuted(int[] words) {
    int[] next = new int[words.length];
    Arrays.setAll(next, i -> words[PERMUTATION[i]]);
    return next;
  }
}
