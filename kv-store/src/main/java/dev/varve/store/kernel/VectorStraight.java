package dev.varve.store.kernel;

import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops over rows that are floats in memory already, which need no strip: four rows with
 * four vectors, and four results by four vectors of columns. Each pair's operations are those of
 * the loops over strips, so its bits are too. For 512-bit lanes, which come with 32 registers.
 */
final class VectorStraight {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;
  private static final long BYTES = S.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  /** Columns that the sums take at once. */
  static final int COLUMNS = 4 * LANES;

  private VectorStraight() {}

  /** Whether rows can be read so: floats in native memory, whole vectors of them. */
  static boolean reads(StoredRows rows) {
    return LANES > 8
        && rows.dtype() == Dtype.F32
        && rows.columns() % LANES == 0
        && rows.bytes().isNative();
  }

  private static FloatVector row(MemorySegment w, long at) {
    return FloatVector.fromMemorySegment(S, w, at, ORDER);
  }

  /**
   * The products of four rows with four vectors, one accumulator vector for each pair.
   *
   * @param memory holds the rows, from byte {@code w0} on, {@code pitch} bytes apart
   * @param x holds the vectors, from {@code x0} on, {@code stride} floats apart
   * @param sums receives the accumulators from {@code at} on: {@code [row][vector][lane]}
   */
  static void fourRows(
      MemorySegment memory,
      long w0,
      long pitch,
      float[] x,
      int x0,
      int stride,
      int columns,
      float[] sums,
      int at) {
    MemorySegment w = KnownMemory.offHeap(memory);
    int x1 = x0 + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    FloatVector a0 = FloatVector.zero(S);
    FloatVector a1 = FloatVector.zero(S);
    FloatVector a2 = FloatVector.zero(S);
    FloatVector a3 = FloatVector.zero(S);
    FloatVector b0 = FloatVector.zero(S);
    FloatVector b1 = FloatVector.zero(S);
    FloatVector b2 = FloatVector.zero(S);
    FloatVector b3 = FloatVector.zero(S);
    FloatVector c0 = FloatVector.zero(S);
    FloatVector c1 = FloatVector.zero(S);
    FloatVector c2 = FloatVector.zero(S);
    FloatVector c3 = FloatVector.zero(S);
    FloatVector d0 = FloatVector.zero(S);
    FloatVector d1 = FloatVector.zero(S);
    FloatVector d2 = FloatVector.zero(S);
    FloatVector d3 = FloatVector.zero(S);
    for (int i = 0; i < columns; i += LANES) {
      long here = w0 + (long) i * Float.BYTES;
      FloatVector a = row(w, here);
      FloatVector b = row(w, here + pitch);
      FloatVector c = row(w, here + 2 * pitch);
      FloatVector d = row(w, here + 3 * pitch);
      FloatVector q = FloatVector.fromArray(S, x, x0 + i);
      a0 = a.fma(q, a0);
      b0 = b.fma(q, b0);
      c0 = c.fma(q, c0);
      d0 = d.fma(q, d0);
      q = FloatVector.fromArray(S, x, x1 + i);
      a1 = a.fma(q, a1);
      b1 = b.fma(q, b1);
      c1 = c.fma(q, c1);
      d1 = d.fma(q, d1);
      q = FloatVector.fromArray(S, x, x2 + i);
      a2 = a.fma(q, a2);
      b2 = b.fma(q, b2);
      c2 = c.fma(q, c2);
      d2 = d.fma(q, d2);
      q = FloatVector.fromArray(S, x, x3 + i);
      a3 = a.fma(q, a3);
      b3 = b.fma(q, b3);
      c3 = c.fma(q, c3);
      d3 = d.fma(q, d3);
    }
    a0.intoArray(sums, at);
    a1.intoArray(sums, at + LANES);
    a2.intoArray(sums, at + 2 * LANES);
    a3.intoArray(sums, at + 3 * LANES);
    b0.intoArray(sums, at + 4 * LANES);
    b1.intoArray(sums, at + 5 * LANES);
    b2.intoArray(sums, at + 6 * LANES);
    b3.intoArray(sums, at + 7 * LANES);
    c0.intoArray(sums, at + 8 * LANES);
    c1.intoArray(sums, at + 9 * LANES);
    c2.intoArray(sums, at + 10 * LANES);
    c3.intoArray(sums, at + 11 * LANES);
    d0.intoArray(sums, at + 12 * LANES);
    d1.intoArray(sums, at + 13 * LANES);
    d2.intoArray(sums, at + 14 * LANES);
    d3.intoArray(sums, at + 15 * LANES);
  }

  /**
   * Adds weighted rows to {@link #COLUMNS} columns of four sums.
   *
   * @param memory holds the columns of the rows, from byte {@code w0} on, {@code pitch} bytes apart
   * @param p holds the weights: of sum {@code k} from {@code p0 + k * weights} on
   * @param y holds the columns of the sums: of sum {@code k} from {@code y0 + k * stride} on
   */
  static void fourSums(
      MemorySegment memory,
      long w0,
      long pitch,
      int rows,
      float[] p,
      int p0,
      int weights,
      float[] y,
      int y0,
      int stride) {
    MemorySegment w = KnownMemory.offHeap(memory);
    int y1 = y0 + stride;
    int y2 = y1 + stride;
    int y3 = y2 + stride;
    FloatVector a0 = FloatVector.fromArray(S, y, y0);
    FloatVector b0 = FloatVector.fromArray(S, y, y0 + LANES);
    FloatVector c0 = FloatVector.fromArray(S, y, y0 + 2 * LANES);
    FloatVector d0 = FloatVector.fromArray(S, y, y0 + 3 * LANES);
    FloatVector a1 = FloatVector.fromArray(S, y, y1);
    FloatVector b1 = FloatVector.fromArray(S, y, y1 + LANES);
    FloatVector c1 = FloatVector.fromArray(S, y, y1 + 2 * LANES);
    FloatVector d1 = FloatVector.fromArray(S, y, y1 + 3 * LANES);
    FloatVector a2 = FloatVector.fromArray(S, y, y2);
    FloatVector b2 = FloatVector.fromArray(S, y, y2 + LANES);
    FloatVector c2 = FloatVector.fromArray(S, y, y2 + 2 * LANES);
    FloatVector d2 = FloatVector.fromArray(S, y, y2 + 3 * LANES);
    FloatVector a3 = FloatVector.fromArray(S, y, y3);
    FloatVector b3 = FloatVector.fromArray(S, y, y3 + LANES);
    FloatVector c3 = FloatVector.fromArray(S, y, y3 + 2 * LANES);
    FloatVector d3 = FloatVector.fromArray(S, y, y3 + 3 * LANES);
    for (int r = 0; r < rows; r++) {
      long here = w0 + r * pitch;
      FloatVector a = row(w, here);
      FloatVector b = row(w, here + BYTES);
      FloatVector c = row(w, here + 2 * BYTES);
      FloatVector d = row(w, here + 3 * BYTES);
      FloatVector weight = FloatVector.broadcast(S, p[p0 + r]);
      a0 = a.fma(weight, a0);
      b0 = b.fma(weight, b0);
      c0 = c.fma(weight, c0);
      d0 = d.fma(weight, d0);
      weight = FloatVector.broadcast(S, p[p0 + weights + r]);
      a1 = a.fma(weight, a1);
      b1 = b.fma(weight, b1);
      c1 = c.fma(weight, c1);
      d1 = d.fma(weight, d1);
      weight = FloatVector.broadcast(S, p[p0 + 2 * weights + r]);
      a2 = a.fma(weight, a2);
      b2 = b.fma(weight, b2);
      c2 = c.fma(weight, c2);
      d2 = d.fma(weight, d2);
      weight = FloatVector.broadcast(S, p[p0 + 3 * weights + r]);
      a3 = a.fma(weight, a3);
      b3 = b.fma(weight, b3);
      c3 = c.fma(weight, c3);
      d3 = d.fma(weight, d3);
    }
    a0.intoArray(y, y0);
    b0.intoArray(y, y0 + LANES);
    c0.intoArray(y, y0 + 2 * LANES);
    d0.intoArray(y, y0 + 3 * LANES);
    a1.intoArray(y, y1);
    b1.intoArray(y, y1 + LANES);
    c1.intoArray(y, y1 + 2 * LANES);
    d1.intoArray(y, y1 + 3 * LANES);
    a2.intoArray(y, y2);
    b2.intoArray(y, y2 + LANES);
    c2.intoArray(y, y2 + 2 * LANES);
    d2.intoArray(y, y2 + 3 * LANES);
    a3.intoArray(y, y3);
    b3.intoArray(y, y3 + LANES);
    c3.intoArray(y, y3 + 2 * LANES);
    d3.intoArray(y, y3 + 3 * LANES);
  }
}
