package dev.varve.store.kernel;

import dev.varve.store.Dtype;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Objects;

/**
 * A strip of stored rows, converted once and small enough to stay in the first-level cache while
 * every vector of a batch passes over it. Rows are padded with zeros to whole vectors.
 */
final class VectorStrip {
  private static final int FLOATS = 4096;

  private final EnumMap<Dtype, VectorDtypeKernel> kernels = new EnumMap<>(Dtype.class);
  private float[] values = new float[FLOATS];

  VectorStrip() {
    for (Dtype dtype : Dtype.values()) {
      kernels.put(dtype, new VectorDtypeKernel(dtype));
    }
  }

  float[] values() {
    return values;
  }

  /** Rows that a strip takes: a multiple of 8. */
  static int capacity(int columns) {
    return Math.max(8, (FLOATS / VectorLanes.padded(columns)) & -8);
  }

  /** Converts rows {@code [first, first + count)}; row {@code i} begins at i * padded columns. */
  void load(StoredRows rows, int first, int count) {
    int columns = rows.columns();
    int stride = VectorLanes.padded(columns);
    if (values.length < count * stride) {
      values = new float[count * stride];
    }
    VectorDtypeKernel kernel = kernel(rows.dtype());
    if (stride == columns && rows.dense()) {
      kernel.load(rows.bytes(), rows.offset(first), values, 0, count * columns);
      return;
    }
    for (int i = 0; i < count; i++) {
      kernel.load(rows.bytes(), rows.offset(first + i), values, i * stride, columns);
      Arrays.fill(values, i * stride + columns, (i + 1) * stride, 0f);
    }
  }

  private VectorDtypeKernel kernel(Dtype dtype) {
    return Objects.requireNonNull(kernels.get(dtype));
  }
}
