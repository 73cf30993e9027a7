package dev.varve.store.kernel;

import dev.varve.store.Dtype;
import java.util.EnumMap;
import java.util.Objects;

/** Converts one stored row at a time into an array of its own. */
final class ScalarRowLoader {
  private final EnumMap<Dtype, ScalarDtypeKernel> kernels = new EnumMap<>(Dtype.class);
  private float[] row = {};

  ScalarRowLoader() {
    for (Dtype dtype : Dtype.values()) {
      kernels.put(dtype, new ScalarDtypeKernel(dtype));
    }
  }

  /** The row as floats; valid until the next call. */
  float[] load(StoredRows rows, int index) {
    if (row.length < rows.columns()) {
      row = new float[rows.columns()];
    }
    kernel(rows.dtype()).load(rows.bytes(), rows.offset(index), row, 0, rows.columns());
    return row;
  }

  private ScalarDtypeKernel kernel(Dtype dtype) {
    return Objects.requireNonNull(kernels.get(dtype));
  }
}
