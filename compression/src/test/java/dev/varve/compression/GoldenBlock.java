package dev.varve.compression;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The block whose encoded bytes are kept for ever. Integer arithmetic alone makes its numbers, so
 * that no library can change them.
 */
final class GoldenBlock {
  static final BlockGeometry GEOMETRY = new BlockGeometry(128, 2, 128, 128, Dtype.F16, false);

  private GoldenBlock() {}

  static MemorySegment make() {
    MemorySegment block = Arena.ofAuto().allocate(GEOMETRY.bytes());
    int count = GEOMETRY.kvHeads() * GEOMETRY.tokens() * GEOMETRY.keyDim();
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, GEOMETRY.dtype());
    kernel.store(numbers(count, 1, 5), 0, count, block, 0);
    kernel.store(numbers(count, 2, -1), 0, count, block, GEOMETRY.valuesOffset());
    return block;
  }

  /** Sums of three uniform numbers; channel {@code large} of each row is moved by 12. */
  private static float[] numbers(int count, long seed, int large) {
    float[] numbers = new float[count];
    long state = seed;
    for (int i = 0; i < count; i++) {
      int sum = 0;
      for (int part = 0; part < 3; part++) {
        state = state * 6364136223846793005L + 1442695040888963407L;
        sum += (int) (state >>> 52) - 2048;
      }
      numbers[i] = sum / 2048f + (i % GEOMETRY.keyDim() == large ? 12 : 0);
    }
    return numbers;
  }
}
