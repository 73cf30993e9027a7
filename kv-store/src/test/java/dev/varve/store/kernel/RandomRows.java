package dev.varve.store.kernel;

import dev.varve.store.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Stored random rows with a gap between them, and what they are in floats. */
final class RandomRows {
  private final StoredRows stored;
  private final float[] floats;

  private RandomRows(StoredRows stored, float[] floats) {
    this.stored = stored;
    this.floats = floats;
  }

  StoredRows stored() {
    return stored;
  }

  float[] floats() {
    return floats;
  }

  static RandomRows of(SplittableRandom random, Dtype dtype, int rows, int columns, int gap) {
    long stride = (long) (columns + gap) * dtype.bytes();
    MemorySegment bytes = Arena.ofAuto().allocate(6 + rows * stride);
    bytes.fill((byte) 0xff); // NaN wherever a kernel reads between rows
    float[] floats = gaussian(random, rows * columns);
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, dtype);
    for (int r = 0; r < rows; r++) {
      kernel.store(floats, r * columns, columns, bytes, 6 + r * stride);
      kernel.load(bytes, 6 + r * stride, floats, r * columns, columns);
    }
    return new RandomRows(
        new StoredRows().layout(dtype, columns, stride).at(bytes, 6, rows), floats);
  }

  static float[] gaussian(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
