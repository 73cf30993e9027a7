package dev.varve.compression.entropy;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LT;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** As many columns at a time as a vector holds, several levels or tables at once. */
final class VectorColumnKernel implements ColumnKernel {
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = BYTES.withLanes(int.class);
  private static final VectorSpecies<Float> FLOATS = BYTES.withLanes(float.class);
  private static final int LANES = FLOATS.length();

  /** Rows that a counter of one byte can count. */
  private static final int MOST_ROWS = 255;

  private static final int LEVELS = 4;
  private static final int TABLES = 4;

  @Override
  public void count(byte[] symbols, int rows, int columns, int levels, float[] counts, int stride) {
    Arrays.fill(counts, 0, levels * stride, 0);
    for (int row = 0; row < rows; row += MOST_ROWS) {
      int from = row * columns;
      int to = Math.min(row + MOST_ROWS, rows) * columns;
      for (int column = 0; column < columns; column += BYTES.length()) {
        for (int level = 0; level < levels; level += LEVELS) {
          count(symbols, from + column, to, columns, level, levels, counts, column, stride);
        }
      }
    }
  }

  private static void count(
      byte[] symbols,
      int from,
      int to,
      int columns,
      int level,
      int levels,
      float[] counts,
      int column,
      int stride) {
    byte first = (byte) level;
    ByteVector a = ByteVector.zero(BYTES);
    ByteVector b = a;
    ByteVector c = a;
    ByteVector d = a;
    for (int at = from; at < to; at += columns) {
      ByteVector symbol = ByteVector.fromArray(BYTES, symbols, at);
      a = a.add((byte) 1, symbol.compare(EQ, first));
      b = b.add((byte) 1, symbol.compare(EQ, (byte) (first + 1)));
      c = c.add((byte) 1, symbol.compare(EQ, (byte) (first + 2)));
      d = d.add((byte) 1, symbol.compare(EQ, (byte) (first + 3)));
    }
    byte[] counted = new byte[LEVELS * BYTES.length()];
    a.intoArray(counted, 0);
    b.intoArray(counted, BYTES.length());
    c.intoArray(counted, 2 * BYTES.length());
    d.intoArray(counted, 3 * BYTES.length());
    for (int i = 0; i < Math.min(LEVELS, levels - level); i++) {
      add(counted, i * BYTES.length(), counts, (level + i) * stride + column);
    }
  }

  private static void add(byte[] counted, int from, float[] counts, int at) {
    for (int i = 0; i < BYTES.length(); i++) {
      counts[at + i] += counted[from + i] & 0xff;
    }
  }

  @Override
  public void cheapest(
      float[] counts,
      int stride,
      int columns,
      int levels,
      float[] costs,
      float[] bits,
      int[] choice) {
    for (int column = 0; column < columns; column += 2 * LANES) {
      FloatVector least0 = FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY);
      FloatVector least1 = least0;
      IntVector best0 = IntVector.zero(INTS);
      IntVector best1 = best0;
      for (int table = 0; table < ShapeBank.TABLES; table += TABLES) {
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        int cost = table * levels;
        int at = column;
        for (int level = 0; level < levels; level++) {
          FloatVector count0 = FloatVector.fromArray(FLOATS, counts, at);
          FloatVector count1 = FloatVector.fromArray(FLOATS, counts, at + LANES);
          FloatVector a = FloatVector.broadcast(FLOATS, costs[cost + level]);
          FloatVector b = FloatVector.broadcast(FLOATS, costs[cost + levels + level]);
          FloatVector c = FloatVector.broadcast(FLOATS, costs[cost + 2 * levels + level]);
          FloatVector d = FloatVector.broadcast(FLOATS, costs[cost + 3 * levels + level]);
          a0 = count0.fma(a, a0);
          a1 = count1.fma(a, a1);
          b0 = count0.fma(b, b0);
          b1 = count1.fma(b, b1);
          c0 = count0.fma(c, c0);
          c1 = count1.fma(c, c1);
          d0 = count0.fma(d, d0);
          d1 = count1.fma(d, d1);
          at += stride;
        }
        VectorMask<Float> less = a0.compare(LT, least0);
        least0 = least0.blend(a0, less);
        best0 = best0.blend(table, less.cast(INTS));
        less = a1.compare(LT, least1);
        least1 = least1.blend(a1, less);
        best1 = best1.blend(table, less.cast(INTS));
        less = b0.compare(LT, least0);
        least0 = least0.blend(b0, less);
        best0 = best0.blend(table + 1, less.cast(INTS));
        less = b1.compare(LT, least1);
        least1 = least1.blend(b1, less);
        best1 = best1.blend(table + 1, less.cast(INTS));
        less = c0.compare(LT, least0);
        least0 = least0.blend(c0, less);
        best0 = best0.blend(table + 2, less.cast(INTS));
        less = c1.compare(LT, least1);
        least1 = least1.blend(c1, less);
        best1 = best1.blend(table + 2, less.cast(INTS));
        less = d0.compare(LT, least0);
        least0 = least0.blend(d0, less);
        best0 = best0.blend(table + 3, less.cast(INTS));
        less = d1.compare(LT, least1);
        least1 = least1.blend(d1, less);
        best1 = best1.blend(table + 3, less.cast(INTS));
      }
      least0.intoArray(bits, column);
      least1.intoArray(bits, column + LANES);
      best0.intoArray(choice, column);
      best1.intoArray(choice, column + LANES);
    }
  }
}
