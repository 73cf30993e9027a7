package dev.varve.compression.entropy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What is being decoded, and how far. The words lie in an array with room behind them, so that a
 * round that begins within the words may run over their end and be found out afterwards.
 */
final class RansInput {
  static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Most bytes that one round takes, and one load of a kernel more. */
  private static final int ROOM = 2 * Interleaving.MAX_STATES + 64;

  final int[] states = new int[Interleaving.MAX_STATES];
  byte[] words = new byte[ROOM];
  int stateCount;
  int position;
  int end;

  /**
   * Takes {@code source} from {@code from} on: states, then words. Returns false where that cannot
   * be: too short, half a word, a state out of range.
   */
  boolean open(MemorySegment source, long from, int count) {
    stateCount = count;
    position = 0;
    end = Math.toIntExact(Math.max(-1, source.byteSize() - from - 4L * count));
    if (end < 0 || end % Short.BYTES != 0) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      states[i] = source.get(INT, from + 4L * i);
      if (states[i] < Interleaving.START) {
        return false;
      }
    }
    if (words.length < end + ROOM) {
      words = new byte[end + ROOM];
    }
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from + 4L * count, words, 0, end);
    return true;
  }

  /** The word at {@code position}. */
  int word(int at) {
    return (short) SHORT.get(words, at) & 0xffff;
  }

  /** Whether words ran out before the symbols did. */
  boolean overrun() {
    return position > end;
  }

  /** Whether every word was used and every state is back where encoding began. */
  boolean finished() {
    if (position != end) {
      return false;
    }
    for (int i = 0; i < stateCount; i++) {
      if (states[i] != Interleaving.START) {
        return false;
      }
    }
    return true;
  }
}
