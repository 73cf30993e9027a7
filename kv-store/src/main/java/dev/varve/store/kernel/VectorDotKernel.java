package dev.varve.store.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One accumulator vector for each (row, vector) pair, eight pairs at a time: four vectors with two
 * rows, or one vector with eight rows. A pair's operations are the same in every grouping, so its
 * bits are too.
 */
final class VectorDotKernel implements DotKernel {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  private final VectorStrip strip = new VectorStrip();
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
      int v = 0;
      for (; v <= count - 4; v += 4) {
        fourVectors(whole, v, n, columns, out, first);
      }
      for (; v < count; v++) {
        oneVector(whole, v, n, columns, out, first);
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

  private void fourVectors(
      FloatRows vectors, int v, int rows, int columns, FloatRows out, int outAt) {
    float[] x = vectors.values();
    int x0 = vectors.offset(v);
    int x1 = vectors.offset(v + 1);
    int x2 = vectors.offset(v + 2);
    int x3 = vectors.offset(v + 3);
    float[] y = out.values();
    int y0 = out.offset(v) + outAt;
    int y1 = out.offset(v + 1) + outAt;
    int y2 = out.offset(v + 2) + outAt;
    int y3 = out.offset(v + 3) + outAt;
    float[] w = strip.values();
    int r = 0;
    for (; r <= rows - 2; r += 2) {
      int w0 = r * columns;
      int w1 = w0 + columns;
      FloatVector a0 = FloatVector.zero(S);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector b2 = a0;
      FloatVector b3 = a0;
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
      y[y0 + r] = VectorLanes.sum(a0);
      y[y1 + r] = VectorLanes.sum(a1);
      y[y2 + r] = VectorLanes.sum(a2);
      y[y3 + r] = VectorLanes.sum(a3);
      y[y0 + r + 1] = VectorLanes.sum(b0);
      y[y1 + r + 1] = VectorLanes.sum(b1);
      y[y2 + r + 1] = VectorLanes.sum(b2);
      y[y3 + r + 1] = VectorLanes.sum(b3);
    }
    if (r < rows) {
      y[y0 + r] = onePair(w, r * columns, x, x0, columns);
      y[y1 + r] = onePair(w, r * columns, x, x1, columns);
      y[y2 + r] = onePair(w, r * columns, x, x2, columns);
      y[y3 + r] = onePair(w, r * columns, x, x3, columns);
    }
  }

  private void oneVector(
      FloatRows vectors, int v, int rows, int columns, FloatRows out, int outAt) {
    float[] x = vectors.values();
    int x0 = vectors.offset(v);
    float[] y = out.values();
    int y0 = out.offset(v) + outAt;
    float[] w = strip.values();
    int r = 0;
    for (; r <= rows - 8; r += 8) {
      eightRows(w, r * columns, x, x0, columns, y, y0 + r);
    }
    for (; r < rows; r++) {
      y[y0 + r] = onePair(w, r * columns, x, x0, columns);
    }
  }

  private static void eightRows(
      float[] w, int w0, float[] x, int x0, int columns, float[] y, int at) {
    FloatVector a0 = FloatVector.zero(S);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector a4 = a0;
    FloatVector a5 = a0;
    FloatVector a6 = a0;
    FloatVector a7 = a0;
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
    y[at] = VectorLanes.sum(a0);
    y[at + 1] = VectorLanes.sum(a1);
    y[at + 2] = VectorLanes.sum(a2);
    y[at + 3] = VectorLanes.sum(a3);
    y[at + 4] = VectorLanes.sum(a4);
    y[at + 5] = VectorLanes.sum(a5);
    y[at + 6] = VectorLanes.sum(a6);
    y[at + 7] = VectorLanes.sum(a7);
  }

  private static float onePair(float[] w, int w0, float[] x, int x0, int columns) {
    FloatVector a = FloatVector.zero(S);
    for (int i = 0; i < columns; i += LANES) {
      a = FloatVector.fromArray(S, w, w0 + i).fma(FloatVector.fromArray(S, x, x0 + i), a);
    }
    return VectorLanes.sum(a);
  }
}
