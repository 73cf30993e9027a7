package dev.varve.store.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One accumulator vector for each (row, vector) pair, eight pairs at a time: four vectors with two
 * rows, or one vector with eight rows. The accumulators of as many rows as there are lanes are then
 * summed together. A pair's operations are the same in every grouping, so its bits are too.
 */
final class VectorDotKernel implements DotKernel {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  /** Floats of the accumulators of one vector with a group of rows. */
  private static final int GROUP = LANES * LANES;

  private final VectorStrip strip = new VectorStrip();
  private final float[] sums = new float[4 * GROUP];
  private final FloatRows packedView = new FloatRows();
  private float[] packed = {};

  @Override
  public void multiply(StoredRows rows, FloatRows vectors, FloatRows out) {
    int count = vectors.rows();
    vectors.require(count, rows.columns(), "vectors");
    out.require(count, rows.rows(), "out");
    int columns = VectorLanes.padded(rows.columns());
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
    int v = 0;
    for (; v <= count - 4; v += 4) {
      fourVectors(x, vectors.offset(v), vectors.stride(), from, to, columns);
      for (int k = 0; k < 4; k++) {
        finish(k * GROUP, to - from, out.values(), out.offset(v + k) + first + from);
      }
    }
    for (; v < count; v++) {
      oneVector(x, vectors.offset(v), from, to, columns);
      finish(0, to - from, out.values(), out.offset(v) + first + from);
    }
  }

  private void finish(int group, int rows, float[] y, int at) {
    VectorLanes.sums(sums, group);
    System.arraycopy(sums, group, y, at, rows);
  }

  private void fourVectors(float[] x, int x0, int stride, int from, int to, int columns) {
    int x1 = x0 + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    float[] w = strip.values();
    int at = 0;
    int r = from;
    for (; r <= to - 2; r += 2) {
      int w0 = r * columns;
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
      a1.intoArray(sums, at + GROUP);
      a2.intoArray(sums, at + 2 * GROUP);
      a3.intoArray(sums, at + 3 * GROUP);
      at += LANES;
      b0.intoArray(sums, at);
      b1.intoArray(sums, at + GROUP);
      b2.intoArray(sums, at + 2 * GROUP);
      b3.intoArray(sums, at + 3 * GROUP);
      at += LANES;
    }
    if (r < to) {
      onePair(r * columns, x, x0, columns, at);
      onePair(r * columns, x, x1, columns, at + GROUP);
      onePair(r * columns, x, x2, columns, at + 2 * GROUP);
      onePair(r * columns, x, x3, columns, at + 3 * GROUP);
    }
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
