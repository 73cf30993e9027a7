package dev.varve.engine;

import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Weights {@code [rows][columns]} in mapped little-endian memory, converted row by row. */
record Matrix(MemorySegment data, Dtype dtype, int rows, int columns) {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static long bytes(Dtype dtype, int rows, int columns) {
    return (long) rows * columns * dtype.bytes();
  }

  /** Writes a row to {@code target[offset, offset + columns)}. */
  void row(int row, float[] target, int offset) {
    long at = bytes(dtype, row, columns);
    switch (dtype) {
      case F32 -> MemorySegment.copy(data, FLOAT, at, target, offset, columns);
      case F16 -> {
        for (int i = 0; i < columns; i++) {
          target[offset + i] = Float.float16ToFloat(data.get(SHORT, at + 2L * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < columns; i++) {
          target[offset + i] = Float.intBitsToFloat(data.get(SHORT, at + 2L * i) << 16);
        }
      }
    }
  }
}
