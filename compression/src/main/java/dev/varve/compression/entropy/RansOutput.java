package dev.varve.compression.entropy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What is being encoded. Encoding runs backwards: last run first, last symbol first, last state
 * first; so states stand here in reverse order and words are turned round at the end.
 */
final class RansOutput {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Most words that a kernel writes at once without counting all of them. */
  private static final int ROOM = 32;

  /** State {@code stateCount - 1 - i} at {@code i}. */
  final int[] states = new int[Interleaving.MAX_STATES];

  /** Room for the places in a table that a vector is gathered from. */
  final int[] index = new int[Interleaving.MAX_STATES];

  short[] words = new short[ROOM];
  int stateCount;
  int wordCount;

  private short[] reversed = {};

  /** Begins a stream of {@code symbols} symbols. */
  void open(int symbols, int count) {
    stateCount = count;
    wordCount = 0;
    Arrays.fill(states, Interleaving.START);
    if (words.length < symbols + ROOM) {
      words = new short[symbols + ROOM];
    }
  }

  /** Bytes of the stream as it stands. */
  int bytes() {
    return Integer.BYTES * stateCount + Short.BYTES * wordCount;
  }

  /** Writes states and words in the order of decoding. */
  void write(RansKernel kernel, MemorySegment target, long from) {
    for (int i = 0; i < stateCount; i++) {
      target.set(INT, from + 4L * i, states[stateCount - 1 - i]);
    }
    if (reversed.length < wordCount) {
      reversed = new short[words.length];
    }
    kernel.reverse(words, wordCount, reversed);
    long at = from + (long) Integer.BYTES * stateCount;
    MemorySegment.copy(reversed, 0, target, StreamDescriptor.SHORT, at, wordCount);
  }
}
