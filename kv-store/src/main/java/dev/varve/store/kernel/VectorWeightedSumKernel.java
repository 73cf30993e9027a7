package dev.varve.store.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Each lane of each result sums its rows in ascending order, several accumulator vectors at a time:
 * four results by two vectors, or one result by four.
 */
final class VectorWeightedSumKernel implements WeightedSumKernel {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  private final VectorStrip strip = new VectorStrip();
  private final FloatRows paddedView = new FloatRows();
  private float[] padded = {};

  @Override
  public void sum(StoredRows rows, FloatRows weights, FloatRows out) {
    int count = weights.rows();
    weights.require(count, rows.rows(), "weights");
    out.require(count, rows.columns(), "out");
    int columns = VectorLanes.padded(rows.columns());
    FloatRows sums = columns == rows.columns() ? out : padded(count, columns);
    for (int v = 0; v < count; v++) {
      Arrays.fill(sums.values(), sums.offset(v), sums.offset(v) + columns, 0f);
    }
    int capacity = VectorStrip.capacity(columns);
    if (count % 4 == 0 && columns % VectorStraight.COLUMNS == 0 && VectorStraight.reads(rows)) {
      straight(rows, weights, out, capacity);
      return;
    }
    for (int first = 0; first < rows.rows(); first += capacity) {
      int n = Math.min(capacity, rows.rows() - first);
      strip.load(rows, first, n);
      int v = 0;
      for (; v <= count - 4; v += 4) {
        fourSums(weights, v, first, n, columns, sums);
      }
      for (; v < count; v++) {
        oneSum(weights, v, first, n, columns, sums, 0);
      }
    }
    for (int v = 0; sums != out && v < count; v++) {
      System.arraycopy(sums.values(), sums.offset(v), out.values(), out.offset(v), rows.columns());
    }
  }

  /**
   * Without a strip: rows that stay in the first-level cache, four columns of vectors at a time.
   */
  private static void straight(StoredRows rows, FloatRows weights, FloatRows out, int capacity) {
    for (int first = 0; first < rows.rows(); first += capacity) {
      int n = Math.min(capacity, rows.rows() - first);
      for (int v = 0; v < weights.rows(); v += 4) {
        for (int c = 0; c < rows.columns(); c += VectorStraight.COLUMNS) {
          VectorStraight.fourSums(
              rows.bytes(),
              rows.offset(first) + (long) c * Float.BYTES,
              rows.stride(),
              n,
              weights.values(),
              weights.offset(v) + first,
              weights.stride(),
              out.values(),
              out.offset(v) + c,
              out.stride());
        }
      }
    }
  }

  private FloatRows padded(int count, int stride) {
    if (padded.length < count * stride) {
      padded = new float[count * stride];
    }
    return paddedView.at(padded, 0, stride, count);
  }

  private void fourSums(
      FloatRows weights, int v, int first, int rows, int columns, FloatRows sums) {
    float[] p = weights.values();
    int p0 = weights.offset(v) + first;
    int p1 = weights.offset(v + 1) + first;
    int p2 = weights.offset(v + 2) + first;
    int p3 = weights.offset(v + 3) + first;
    float[] y = sums.values();
    float[] w = strip.values();
    int c = 0;
    for (; c <= columns - 2 * LANES; c += 2 * LANES) {
      int y0 = sums.offset(v) + c;
      int y1 = sums.offset(v + 1) + c;
      int y2 = sums.offset(v + 2) + c;
      int y3 = sums.offset(v + 3) + c;
      FloatVector a0 = FloatVector.fromArray(S, y, y0);
      FloatVector a1 = FloatVector.fromArray(S, y, y1);
      FloatVector a2 = FloatVector.fromArray(S, y, y2);
      FloatVector a3 = FloatVector.fromArray(S, y, y3);
      FloatVector b0 = FloatVector.fromArray(S, y, y0 + LANES);
      FloatVector b1 = FloatVector.fromArray(S, y, y1 + LANES);
      FloatVector b2 = FloatVector.fromArray(S, y, y2 + LANES);
      FloatVector b3 = FloatVector.fromArray(S, y, y3 + LANES);
      for (int r = 0; r < rows; r++) {
        FloatVector a = FloatVector.fromArray(S, w, r * columns + c);
        FloatVector b = FloatVector.fromArray(S, w, r * columns + c + LANES);
        FloatVector weight = FloatVector.broadcast(S, p[p0 + r]);
        a0 = a.fma(weight, a0);
        b0 = b.fma(weight, b0);
        weight = FloatVector.broadcast(S, p[p1 + r]);
        a1 = a.fma(weight, a1);
        b1 = b.fma(weight, b1);
        weight = FloatVector.broadcast(S, p[p2 + r]);
        a2 = a.fma(weight, a2);
        b2 = b.fma(weight, b2);
        weight = FloatVector.broadcast(S, p[p3 + r]);
        a3 = a.fma(weight, a3);
        b3 = b.fma(weight, b3);
      }
      a0.intoArray(y, y0);
      a1.intoArray(y, y1);
      a2.intoArray(y, y2);
      a3.intoArray(y, y3);
      b0.intoArray(y, y0 + LANES);
      b1.intoArray(y, y1 + LANES);
      b2.intoArray(y, y2 + LANES);
      b3.intoArray(y, y3 + LANES);
    }
    for (int k = 0; c < columns && k < 4; k++) {
      oneSum(weights, v + k, first, rows, columns, sums, c);
    }
  }

  private void oneSum(
      FloatRows weights, int v, int first, int rows, int columns, FloatRows sums, int from) {
    float[] p = weights.values();
    int p0 = weights.offset(v) + first;
    float[] y = sums.values();
    int y0 = sums.offset(v);
    float[] w = strip.values();
    int c = from;
    for (; c <= columns - 4 * LANES; c += 4 * LANES) {
      FloatVector a0 = FloatVector.fromArray(S, y, y0 + c);
      FloatVector a1 = FloatVector.fromArray(S, y, y0 + c + LANES);
      FloatVector a2 = FloatVector.fromArray(S, y, y0 + c + 2 * LANES);
      FloatVector a3 = FloatVector.fromArray(S, y, y0 + c + 3 * LANES);
      for (int r = 0; r < rows; r++) {
        FloatVector weight = FloatVector.broadcast(S, p[p0 + r]);
        int row = r * columns + c;
        a0 = FloatVector.fromArray(S, w, row).fma(weight, a0);
        a1 = FloatVector.fromArray(S, w, row + LANES).fma(weight, a1);
        a2 = FloatVector.fromArray(S, w, row + 2 * LANES).fma(weight, a2);
        a3 = FloatVector.fromArray(S, w, row + 3 * LANES).fma(weight, a3);
      }
      a0.intoArray(y, y0 + c);
      a1.intoArray(y, y0 + c + LANES);
      a2.intoArray(y, y0 + c + 2 * LANES);
      a3.intoArray(y, y0 + c + 3 * LANES);
    }
    for (; c < columns; c += LANES) {
      FloatVector a = FloatVector.fromArray(S, y, y0 + c);
      for (int r = 0; r < rows; r++) {
        FloatVector weight = FloatVector.broadcast(S, p[p0 + r]);
        a = FloatVector.fromArray(S, w, r * columns + c).fma(weight, a);
      }
      a.intoArray(y, y0 + c);
    }
  }
}
