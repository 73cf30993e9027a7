package dev.varve.compression.lossless;

import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;

/**
 * Elements of 16 bits: bytes as they are, or turned to the left by one bit first, which puts the
 * exponent of a bfloat16 into the upper byte and its sign behind the mantissa.
 */
final class WordPlanes implements ElementPlanes {
  private static final int LAST_BIT = 15;

  private final int turn;
  private final short[] tile = new short[TILE];

  WordPlanes(boolean turned) {
    this.turn = turned ? 1 : 0;
  }

  @Override
  public int count() {
    return Short.BYTES;
  }

  @Override
  public void split(MemorySegment source, long from, int elements, byte[][] planes, int at) {
    for (int done = 0; done < elements; done += TILE) {
      int count = Math.min(TILE, elements - done);
      MemorySegment.copy(source, DtypeLayouts.SHORT, from + 2L * done, tile, 0, count);
      takeApart(tile, planes[0], planes[1], at + done, count, turn);
    }
  }

  @Override
  public void merge(byte[][] planes, int at, int elements, MemorySegment target, long from) {
    for (int done = 0; done < elements; done += TILE) {
      int count = Math.min(TILE, elements - done);
      putTogether(planes[0], planes[1], at + done, tile, count, turn);
      MemorySegment.copy(tile, 0, target, DtypeLayouts.SHORT, from + 2L * done, count);
    }
  }

  // Nothing but arrays and a counter, so that the compiler makes vectors of the loops.
  private static void takeApart(
      short[] words, byte[] upper, byte[] lower, int at, int count, int turn) {
    for (int i = 0; i < count; i++) {
      int word = words[i] & 0xffff;
      int turned = (word << turn) | (word >>> (LAST_BIT + 1 - turn));
      upper[at + i] = (byte) (turned >>> Byte.SIZE);
      lower[at + i] = (byte) turned;
    }
  }

  private static void putTogether(
      byte[] upper, byte[] lower, int at, short[] words, int count, int turn) {
    for (int i = 0; i < count; i++) {
      int turned = ((upper[at + i] & 0xff) << Byte.SIZE) | (lower[at + i] & 0xff);
      words[i] = (short) ((turned >>> turn) | (turned << (LAST_BIT + 1 - turn)));
    }
  }
}
