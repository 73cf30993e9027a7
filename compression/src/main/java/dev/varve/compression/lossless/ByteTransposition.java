package dev.varve.compression.lossless;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Turns a matrix of bytes over, in squares of eight by eight that are held in eight longs: first
 * single bytes change places across the diagonal, then pairs, then quads.
 */
public final class ByteTransposition {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int SIDE = 8;
  private static final long BYTES = 0x00ff00ff00ff00ffL;
  private static final long PAIRS = 0x0000ffff0000ffffL;
  private static final long QUADS = 0x00000000ffffffffL;

  private ByteTransposition() {}

  /** Writes {@code source[from + row * columns + column]} to {@code [column * rows + row]}. */
  public static void of(byte[] source, byte[] target, int from, int rows, int columns) {
    int wholeRows = rows - rows % SIDE;
    int wholeColumns = columns - columns % SIDE;
    for (int row = 0; row < wholeRows; row += SIDE) {
      for (int column = 0; column < wholeColumns; column += SIDE) {
        square(
            source,
            from + row * columns + column,
            columns,
            target,
            from + column * rows + row,
            rows);
      }
    }
    for (int row = 0; row < rows; row++) {
      int first = row < wholeRows ? wholeColumns : 0;
      for (int column = first; column < columns; column++) {
        target[from + column * rows + row] = source[from + row * columns + column];
      }
    }
  }

  private static void square(byte[] source, int from, int step, byte[] target, int to, int stride) {
    long r0 = (long) LONG.get(source, from + 0 * step);
    long r1 = (long) LONG.get(source, from + 1 * step);
    long r2 = (long) LONG.get(source, from + 2 * step);
    long r3 = (long) LONG.get(source, from + 3 * step);
    long r4 = (long) LONG.get(source, from + 4 * step);
    long r5 = (long) LONG.get(source, from + 5 * step);
    long r6 = (long) LONG.get(source, from + 6 * step);
    long r7 = (long) LONG.get(source, from + 7 * step);
    long moved;
    moved = ((r0 >>> 8) ^ r1) & BYTES;
    r0 ^= moved << 8;
    r1 ^= moved;
    moved = ((r2 >>> 8) ^ r3) & BYTES;
    r2 ^= moved << 8;
    r3 ^= moved;
    moved = ((r4 >>> 8) ^ r5) & BYTES;
    r4 ^= moved << 8;
    r5 ^= moved;
    moved = ((r6 >>> 8) ^ r7) & BYTES;
    r6 ^= moved << 8;
    r7 ^= moved;
    moved = ((r0 >>> 16) ^ r2) & PAIRS;
    r0 ^= moved << 16;
    r2 ^= moved;
    moved = ((r1 >>> 16) ^ r3) & PAIRS;
    r1 ^= moved << 16;
    r3 ^= moved;
    moved = ((r4 >>> 16) ^ r6) & PAIRS;
    r4 ^= moved << 16;
    r6 ^= moved;
    moved = ((r5 >>> 16) ^ r7) & PAIRS;
    r5 ^= moved << 16;
    r7 ^= moved;
    moved = ((r0 >>> 32) ^ r4) & QUADS;
    r0 ^= moved << 32;
    r4 ^= moved;
    moved = ((r1 >>> 32) ^ r5) & QUADS;
    r1 ^= moved << 32;
    r5 ^= moved;
    moved = ((r2 >>> 32) ^ r6) & QUADS;
    r2 ^= moved << 32;
    r6 ^= moved;
    moved = ((r3 >>> 32) ^ r7) & QUADS;
    r3 ^= moved << 32;
    r7 ^= moved;
    LONG.set(target, to + 0 * stride, r0);
    LONG.set(target, to + 1 * stride, r1);
    LONG.set(target, to + 2 * stride, r2);
    LONG.set(target, to + 3 * stride, r3);
    LONG.set(target, to + 4 * stride, r4);
    LONG.set(target, to + 5 * stride, r5);
    LONG.set(target, to + 6 * stride, r6);
    LONG.set(target, to + 7 * stride, r7);
  }
}
