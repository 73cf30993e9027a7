package dev.varve.store.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors at a time, two sums per dot product; a row is widened once and shared by four
 * vectors at a time.
 */
final class VectorDotKernel implements DotKernel {

  private static final VectorSpecies<Float> FLOATS = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  private final VectorDtypeKernel[] dtypes = VectorDtypeKernel.all();
  private float[] row = {};

  @Override
  public void multiply(StoredRows rows, FloatRows vectors, FloatRows out) {
    int columns = rows.columns();
    vectors.require(vectors.rows(), columns, "vectors");
    out.require(vectors.rows(), rows.rows(), "out");
    row = row.length < columns ? Arrays.copyOf(row, columns) : row;
    VectorDtypeKernel dtype = dtypes[rows.dtype().id()];
    for (int r = 0; r < rows.rows(); r++) {
      dtype.load(rows.bytes(), rows.offset(r), row, 0, columns);
      int v = 0;
      for (; v <= vectors.rows() - 4; v += 4) {
        four(vectors, v, columns, out, r);
      }
      for (; v < vectors.rows(); v++) {
        out.values()[out.offset(v) + r] = one(vectors.values(), vectors.offset(v), columns);
      }
    }
  }

  private float one(float[] vector, int at, int columns) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= columns - 2 * LANES; i += 2 * LANES) {
      even = stored(i).fma(FloatVector.fromArray(FLOATS, vector, at + i), even);
      odd = stored(i + LANES).fma(FloatVector.fromArray(FLOATS, vector, at + i + LANES), odd);
    }
    return VectorLanes.sum(even.add(odd)) + tail(vector, at, i, columns);
  }

  /** The same sums as {@link #one} for four vectors, which share the loads of the row. */
  private void four(FloatRows vectors, int v, int columns, FloatRows out, int r) {
    float[] x = vectors.values();
    int a = vectors.offset(v);
    int b = vectors.offset(v + 1);
    int c = vectors.offset(v + 2);
    int d = vectors.offset(v + 3);
    FloatVector evenA = FloatVector.zero(FLOATS);
    FloatVector evenB = evenA;
    FloatVector evenC = evenA;
    FloatVector evenD = evenA;
    FloatVector oddA = evenA;
    FloatVector oddB = evenA;
    FloatVector oddC = evenA;
    FloatVector oddD = evenA;
    int i = 0;
    for (; i <= columns - 2 * LANES; i += 2 * LANES) {
      FloatVector low = stored(i);
      FloatVector high = stored(i + LANES);
      evenA = low.fma(FloatVector.fromArray(FLOATS, x, a + i), evenA);
      evenB = low.fma(FloatVector.fromArray(FLOATS, x, b + i), evenB);
      evenC = low.fma(FloatVector.fromArray(FLOATS, x, c + i), evenC);
      evenD = low.fma(FloatVector.fromArray(FLOATS, x, d + i), evenD);
      oddA = high.fma(FloatVector.fromArray(FLOATS, x, a + i + LANES), oddA);
      oddB = high.fma(FloatVector.fromArray(FLOATS, x, b + i + LANES), oddB);
      oddC = high.fma(FloatVector.fromArray(FLOATS, x, c + i + LANES), oddC);
      oddD = high.fma(FloatVector.fromArray(FLOATS, x, d + i + LANES), oddD);
    }
    float[] y = out.values();
    y[out.offset(v) + r] = VectorLanes.sum(evenA.add(oddA)) + tail(x, a, i, columns);
    y[out.offset(v + 1) + r] = VectorLanes.sum(evenB.add(oddB)) + tail(x, b, i, columns);
    y[out.offset(v + 2) + r] = VectorLanes.sum(evenC.add(oddC)) + tail(x, c, i, columns);
    y[out.offset(v + 3) + r] = VectorLanes.sum(evenD.add(oddD)) + tail(x, d, i, columns);
  }

  private FloatVector stored(int at) {
    return FloatVector.fromArray(FLOATS, row, at);
  }

  private float tail(float[] vector, int at, int from, int columns) {
    float sum = 0;
    for (int i = from; i < columns; i++) {
      sum = Math.fma(row[i], vector[at + i], sum);
    }
    return sum;
  }
}
