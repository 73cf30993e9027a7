package dev.varve.store.kernel;

import dev.varve.store.Dtype;

/** Converts one stored row at a time into an array of its own. */
final class ScalarRowLoader {
  private final ScalarDtypeKernel[] kernels = new ScalarDtypeKernel[Dtype.values().length];
  private float[] row = {};

  ScalarRowLoader() {
    for (Dtype dtype : Dtype.values()) {
      kernels[dtype.ordinal()] = new ScalarDtypeKernel(dtype);
    }
  }

  /** The row as floats; valid until the next call. */
  float[] load(StoredRows rows, int index) {
    if (row.length < rows.columns()) {
      row = new float[rows.columns()];
    }
    kernels[rows.dtype().ordinal()].load(rows.bytes(), rows.offset(index), row, 0, rows.columns());
    return row;
  }
}
