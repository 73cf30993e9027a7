package dev.varve.compression.lossless;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Elements of 32 bits, turned to the left by one bit: exponents, then the front of the mantissas,
 * their middle, and their ends with the sign as the last bit.
 */
final class FloatPlanes implements ElementPlanes {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int[] tile = new int[TILE];

  @Override
  public int count() {
    return Integer.BYTES;
  }

  @Override
  public void split(MemorySegment source, long from, int elements, byte[][] planes, int at) {
    for (int done = 0; done < elements; done += TILE) {
      int count = Math.min(TILE, elements - done);
      MemorySegment.copy(source, INT, from + 4L * done, tile, 0, count);
      for (int plane = 0; plane < Integer.BYTES; plane++) {
        take(tile, Integer.SIZE - Byte.SIZE * (plane + 1), planes[plane], at + done, count);
      }
    }
  }

  @Override
  public void merge(byte[][] planes, int at, int elements, MemorySegment target, long from) {
    for (int done = 0; done < elements; done += TILE) {
      int count = Math.min(TILE, elements - done);
      for (int i = 0; i < count; i++) {
        int place = at + done + i;
        int turned =
            (planes[0][place] << 24)
                | ((planes[1][place] & 0xff) << 16)
                | ((planes[2][place] & 0xff) << 8)
                | (planes[3][place] & 0xff);
        tile[i] = Integer.rotateRight(turned, 1);
      }
      MemorySegment.copy(tile, 0, target, INT, from + 4L * done, count);
    }
  }

  private static void take(int[] words, int shift, byte[] plane, int at, int count) {
    for (int i = 0; i < count; i++) {
      plane[at + i] = (byte) (Integer.rotateLeft(words[i], 1) >>> shift);
    }
  }
}
