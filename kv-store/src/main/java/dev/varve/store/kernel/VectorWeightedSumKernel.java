package dev.varve.store.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors at a time: all rows are widened once, then two vectors of columns stay in registers
 * for up to four outputs while the rows pass by.
 */
final class VectorWeightedSumKernel implements WeightedSumKernel {

  private static final VectorSpecies<Float> FLOATS = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  private final VectorDtypeKernel[] dtypes = VectorDtypeKernel.all();
  private float[] wide = {};
  private int stride;

  @Override
  public void sum(StoredRows rows, FloatRows weights, FloatRows out) {
    int columns = rows.columns();
    weights.require(weights.rows(), rows.rows(), "weights");
    out.require(weights.rows(), columns, "out");
    widen(rows);
    int q = 0;
    for (; q <= weights.rows() - 4; q += 4) {
      for (int i = 0; i < columns; i += LANES) {
        four(rows.rows(), i, columns, weights, out, q);
      }
    }
    for (; q < weights.rows(); q++) {
      for (int i = 0; i < columns; i += LANES) {
        one(rows.rows(), i, columns, weights, out, q);
      }
    }
  }

  private void widen(StoredRows rows) {
    int columns = rows.columns();
    stride = VectorLanes.padded(columns);
    if (wide.length < rows.rows() * stride) {
      wide = new float[rows.rows() * stride];
    }
    VectorDtypeKernel dtype = dtypes[rows.dtype().id()];
    for (int r = 0; r < rows.rows(); r++) {
      dtype.load(rows.bytes(), rows.offset(r), wide, r * stride, columns);
      Arrays.fill(wide, r * stride + columns, (r + 1) * stride, 0);
    }
  }

  private void one(int rows, int at, int columns, FloatRows weights, FloatRows out, int q) {
    float[] w = weights.values();
    int from = weights.offset(q);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int r = 0; r < rows; r++) {
      FloatVector row = FloatVector.fromArray(FLOATS, wide, r * stride + at);
      sum = row.fma(FloatVector.broadcast(FLOATS, w[from + r]), sum);
    }
    put(sum, out, q, at, columns);
  }

  /** The same sums as {@link #one} for four outputs, which share the loads of the rows. */
  private void four(int rows, int at, int columns, FloatRows weights, FloatRows out, int q) {
    float[] w = weights.values();
    int a = weights.offset(q);
    int b = weights.offset(q + 1);
    int c = weights.offset(q + 2);
    int d = weights.offset(q + 3);
    FloatVector sumA = FloatVector.zero(FLOATS);
    FloatVector sumB = sumA;
    FloatVector sumC = sumA;
    FloatVector sumD = sumA;
    for (int r = 0; r < rows; r++) {
      FloatVector row = FloatVector.fromArray(FLOATS, wide, r * stride + at);
      sumA = row.fma(FloatVector.broadcast(FLOATS, w[a + r]), sumA);
      sumB = row.fma(FloatVector.broadcast(FLOATS, w[b + r]), sumB);
      sumC = row.fma(FloatVector.broadcast(FLOATS, w[c + r]), sumC);
      sumD = row.fma(FloatVector.broadcast(FLOATS, w[d + r]), sumD);
    }
    put(sumA, out, q, at, columns);
    put(sumB, out, q + 1, at, columns);
    put(sumC, out, q + 2, at, columns);
    put(sumD, out, q + 3, at, columns);
  }

  private static void put(FloatVector sum, FloatRows out, int q, int at, int columns) {
    int left = columns - at;
    if (left >= LANES) {
      sum.intoArray(out.values(), out.offset(q) + at);
    } else {
      for (int i = 0; i < left; i++) {
        out.values()[out.offset(q) + at + i] = sum.lane(i);
      }
    }
  }
}
