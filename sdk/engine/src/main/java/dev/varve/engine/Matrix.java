package dev.varve.engine;

import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;

/** Weights {@code [rows][columns]} in mapped little-endian memory, converted row by row. */
record Matrix(MemorySegment data, Dtype dtype, int rows, int columns) {

  static long bytes(Dtype dtype, int rows, int columns) {
    return (long) rows * columns * dtype.bytes();
  }

  /** Writes a row to {@code target[offset, offset + columns)}. */
  void row(int row, float[] target, int offset) {
    DtypeKernel.of(Backend.SCALAR, dtype)
        .load(data, bytes(dtype, row, columns), target, offset, columns);
  }
}
