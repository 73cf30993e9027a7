package dev.varve.attention;

import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.StoredRows;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * The definition, in double precision: {@code logit = cap(scale * q.k) + bias}, {@code lse = log
 * sum exp(logit)}, {@code o = sum exp(logit - lse) v}. {@code StrictMath} because its results are
 * the same on every platform and in interpreted and compiled code.
 */
final class ScalarAttentionKernel implements AttentionKernel {
  private static final Map<Dtype, DtypeKernel> DTYPES =
      Map.of(
          Dtype.F32, DtypeKernel.of(Backend.SCALAR, Dtype.F32),
          Dtype.F16, DtypeKernel.of(Backend.SCALAR, Dtype.F16),
          Dtype.BF16, DtypeKernel.of(Backend.SCALAR, Dtype.BF16));

  private float[] row = {};
  private double[] logits = {};
  private double[] sums = {};

  @Override
  public void attend(AttentionTile tile) {
    DtypeKernel dtype = Objects.requireNonNull(DTYPES.get(tile.geometry().dtype()));
    int queries = tile.queries().rows();
    int rows = tile.keys().rows();
    grow(tile, queries, rows);
    for (int r = 0; r < rows; r++) {
      load(dtype, tile.keys(), r);
      double bias = tile.bias().length == 0 ? 0 : tile.bias()[tile.biasOffset() + r];
      for (int q = 0; q < queries; q++) {
        logits[q * rows + r] = logit(tile, q) + bias;
      }
    }
    for (int q = 0; q < queries; q++) {
      tile.setLse(q, (float) toWeights(q * rows, rows));
    }
    int dim = tile.values().columns();
    Arrays.fill(sums, 0, queries * dim, 0);
    for (int r = 0; r < rows; r++) {
      load(dtype, tile.values(), r);
      for (int q = 0; q < queries; q++) {
        double weight = logits[q * rows + r];
        for (int i = 0; i < dim; i++) {
          sums[q * dim + i] += weight * row[i];
        }
      }
    }
    FloatRows out = tile.out();
    for (int q = 0; q < queries; q++) {
      for (int i = 0; i < dim; i++) {
        out.values()[out.offset(q) + i] = (float) sums[q * dim + i];
      }
    }
  }

  private double logit(AttentionTile tile, int q) {
    FloatRows queries = tile.queries();
    int at = queries.offset(q);
    double dot = 0;
    for (int i = 0; i < tile.keys().columns(); i++) {
      dot += (double) queries.values()[at + i] * row[i];
    }
    double logit = tile.scale() * dot;
    float cap = tile.softCap();
    return cap == 0 ? logit : cap * StrictMath.tanh(logit / cap);
  }

  /** Replaces the logits of one query by weights that add up to 1; returns their log-sum-exp. */
  private double toWeights(int from, int rows) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + rows; i++) {
      max = Math.max(max, logits[i]);
    }
    if (rows == 0) {
      return max;
    }
    double sum = 0;
    for (int i = from; i < from + rows; i++) {
      logits[i] = StrictMath.exp(logits[i] - max);
      sum += logits[i];
    }
    for (int i = from; i < from + rows; i++) {
      logits[i] /= sum;
    }
    return max + StrictMath.log(sum);
  }

  private void load(DtypeKernel dtype, StoredRows rows, int index) {
    dtype.load(rows.bytes(), rows.offset(index), row, 0, rows.columns());
  }

  private void grow(AttentionTile tile, int queries, int rows) {
    int dim = tile.values().columns();
    if (row.length < Math.max(dim, tile.keys().columns())) {
      row = new float[Math.max(dim, tile.keys().columns())];
    }
    if (logits.length < queries * rows) {
      logits = new double[queries * rows];
    }
    if (sums.length < queries * dim) {
      sums = new double[queries * dim];
    }
  }
}
