package dev.varve.store.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One accumulator vector for each (row, vector) pair, several pairs at a time: four vectors with
 * four rows where there are 32 registers (512-bit lanes) and with two rows elsewhere, or one vector
 * with eight rows. The accumulators of as many rows as there are lanes are then summed together. A
 * pair's operations are the same in every grouping, so its bits are too.
 */
final class VectorDotKernel implements DotKernel {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  private final VectorStrip strip = new VectorStrip();

  /** Accumulators of up to four vectors with a group of rows: {@code [row][vector][lane]}. */
  private final float[] sums = new float[4 * LANES * LANES];

  private final FloatRows packedView = new FloatRows();
  private float[] packed = {};

  @Override
  public void multiply(StoredRows rows, FloatRows vectors, FloatRows out) {
    int count = vectors.rows();
    vectors.require(count, rows.columns(), "vectors");
    out.require(count, rows.rows(), "out");
    int columns = VectorLanes.padded(rows.columns());
    if (count % 4 == 0 && rows.rows() % LANES == 0 && VectorStraight.reads(rows)) {
      straight(rows, vectors, out);
      return;
    }
    FloatRows whole = columns == rows.columns() ? vectors : pack(vectors, rows.columns(), columns);
    int capacity = VectorStrip.capacity(columns);
    for (int first = 0; first < rows.rows(); first += capacity) {
      int n = Math.min(capacity, rows.rows() - first);
      strip.load(rows, first, n);
      for (int r = 0; r < n; r += LANES) {
        group(whole, r, Math.min(n, r + LANES), columns, out, first);
      }
    }
  }

  /** Without a strip: as many rows at a time as there are lanes, with four vectors at a time. */
  private void straight(StoredRows rows, FloatRows vectors, FloatRows out) {
    float[] x = vectors.values();
    int columns = rows.columns();
    for (int first = 0; first < rows.rows(); first += LANES) {
      for (int v = 0; v < vectors.rows(); v += 4) {
        for (int r = 0; r < LANES; r += 4) {
          VectorStraight.fourRows(
              rows.bytes(),
              rows.offset(first + r),
              rows.stride(),
              x,
              vectors.offset(v),
              vectors.stride(),
              columns,
              sums,
              4 * r * LANES);
        }
        VectorLanes.sums(sums, 4);
        for (int k = 0; k < 4; k++) {
          System.arraycopy(sums, k * LANES, out.values(), out.offset(v + k) + first, LANES);
        }
      }
    }
  }

  private FloatRows pack(FloatRows vectors, int columns, int stride) {
    int count = vectors.rows();
    if (packed.length < count * stride) {
      packed = new float[count * stride];
    }
    for (int v = 0; v < count; v++) {
      System.arraycopy(vectors.values(), vectors.offset(v), packed, v * stride, columns);
      Arrays.fill(packed, v * stride + columns, (v + 1) * stride, 0f);
    }
    return packedView.at(packed, 0, stride, count);
  }

  /** The strip's rows [from, to), at most as many as there are lanes, with every vector. */
  private void group(FloatRows vectors, int from, int to, int columns, FloatRows out, int first) {
    float[] x = vectors.values();
    int count = vectors.rows();
    int n = to - from;
    int v = 0;
    for (; v <= count - 4; v += 4) {
      fourVectors(x, vectors.offset(v), vectors.stride(), from, to, columns);
      VectorLanes.sums(sums, 4);
      for (int k = 0; k < 4; k++) {
        System.arraycopy(sums, k * LANES, out.values(), out.offset(v + k) + first + from, n);
      }
    }
    for (; v < count; v++) {
      oneVector(x, vectors.offset(v), from, to, columns);
      VectorLanes.sums(sums, 1);
      System.arraycopy(sums, 0, out.values(), out.offset(v) + first + from, n);
    }
  }

  private void fourVectors(float[] x, int x0, int stride, int from, int to, int columns) {
    int r = from;
    for (; LANES > 8 && r <= to - 4; r += 4) {
      fourRows(r * columns, x, x0, stride, columns, 4 * (r - from) * LANES);
    }
    for (; r <= to - 2; r += 2) {
      twoRows(r * columns, x, x0, stride, columns, 4 * (r - from) * LANES);
    }
    if (r < to) {
      for (int k = 0; k < 4; k++) {
        onePair(r * columns, x, x0 + k * stride, columns, (4 * (r - from) + k) * LANES);
      }
    }
  }

  private void fourRows(int w0, float[] x, int x0, int stride, int columns, int at) {
    float[] w = strip.values();
    int x1 = x0 + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    int w1 = w0 + columns;
    int w2 = w1 + columns;
    int w3 = w2 + columns;
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
      FloatVector a = FloatVector.fromArray(S, w, w0 + i);
      FloatVector b = FloatVector.fromArray(S, w, w1 + i);
      FloatVector c = FloatVector.fromArray(S, w, w2 + i);
      FloatVector d = FloatVector.fromArray(S, w, w3 + i);
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

  private void twoRows(int w0, float[] x, int x0, int stride, int columns, int at) {
    float[] w = strip.values();
    int x1 = x0 + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    int w1 = w0 + columns;
    FloatVector a0 = FloatVector.zero(S);
    FloatVector a1 = FloatVector.zero(S);
    FloatVector a2 = FloatVector.zero(S);
    FloatVector a3 = FloatVector.zero(S);
    FloatVector b0 = FloatVector.zero(S);
    FloatVector b1 = FloatVector.zero(S);
    FloatVector b2 = FloatVector.zero(S);
    FloatVector b3 = FloatVector.zero(S);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector a = FloatVector.fromArray(S, w, w0 + i);
      FloatVector b = FloatVector.fromArray(S, w, w1 + i);
      FloatVector q = FloatVector.fromArray(S, x, x0 + i);
      a0 = a.fma(q, a0);
      b0 = b.fma(q, b0);
      q = FloatVector.fromArray(S, x, x1 + i);
      a1 = a.fma(q, a1);
      b1 = b.fma(q, b1);
      q = FloatVector.fromArray(S, x, x2 + i);
      a2 = a.fma(q, a2);
      b2 = b.fma(q, b2);
      q = FloatVector.fromArray(S, x, x3 + i);
      a3 = a.fma(q, a3);
      b3 = b.fma(q, b3);
    }
    a0.intoArray(sums, at);
    a1.intoArray(sums, at + LANES);
    a2.intoArray(sums, at + 2 * LANES);
    a3.intoArray(sums, at + 3 * LANES);
    b0.intoArray(sums, at + 4 * LANES);
    b1.intoArray(sums, at + 5 * LANES);
    b2.intoArray(sums, at + 6 * LANES);
    b3.intoArray(sums, at + 7 * LANES);
  }

  private void oneVector(float[] x, int x0, int from, int to, int columns) {
    int r = from;
    for (; r <= to - 8; r += 8) {
      eightRows(r * columns, x, x0, columns, (r - from) * LANES);
    }
    for (; r < to; r++) {
      onePair(r * columns, x, x0, columns, (r - from) * LANES);
    }
  }

  private void eightRows(int w0, float[] x, int x0, int columns, int at) {
    float[] w = strip.values();
    FloatVector a0 = FloatVector.zero(S);
    FloatVector a1 = FloatVector.zero(S);
    FloatVector a2 = FloatVector.zero(S);
    FloatVector a3 = FloatVector.zero(S);
    FloatVector a4 = FloatVector.zero(S);
    FloatVector a5 = FloatVector.zero(S);
    FloatVector a6 = FloatVector.zero(S);
    FloatVector a7 = FloatVector.zero(S);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector q = FloatVector.fromArray(S, x, x0 + i);
      int row = w0 + i;
      a0 = FloatVector.fromArray(S, w, row).fma(q, a0);
      a1 = FloatVector.fromArray(S, w, row + columns).fma(q, a1);
      a2 = FloatVector.fromArray(S, w, row + 2 * columns).fma(q, a2);
      a3 = FloatVector.fromArray(S, w, row + 3 * columns).fma(q, a3);
      a4 = FloatVector.fromArray(S, w, row + 4 * columns).fma(q, a4);
      a5 = FloatVector.fromArray(S, w, row + 5 * columns).fma(q, a5);
      a6 = FloatVector.fromArray(S, w, row + 6 * columns).fma(q, a6);
      a7 = FloatVector.fromArray(S, w, row + 7 * columns).fma(q, a7);
    }
    a0.intoArray(sums, at);
    a1.intoArray(sums, at + LANES);
    a2.intoArray(sums, at + 2 * LANES);
    a3.intoArray(sums, at + 3 * LANES);
    a4.intoArray(sums, at + 4 * LANES);
    a5.intoArray(sums, at + 5 * LANES);
    a6.intoArray(sums, at + 6 * LANES);
    a7.intoArray(sums, at + 7 * LANES);
  }

  private void onePair(int w0, float[] x, int x0, int columns, int at) {
    float[] w = strip.values();
    FloatVector a = FloatVector.zero(S);
    for (int i = 0; i < columns; i += LANES) {
      a = FloatVector.fromArray(S, w, w0 + i).fma(FloatVector.fromArray(S, x, x0 + i), a);
    }
    a.intoArray(sums, at);
  }
}
