package dev.varve.compression;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Finite blocks of numbers up to a scale, of one sign, of both, and all equal by turns. */
final class Extremes {
  private Extremes() {}

  static MemorySegment block(BlockGeometry geometry, float scale, SplittableRandom random) {
    MemorySegment block = Arena.ofAuto().allocate(geometry.bytes());
    int count = geometry.kvHeads() * geometry.tokens();
    float most = geometry.dtype() == Dtype.F16 ? 65504f : 3.3e38f;
    float limit = Math.min(scale, most);
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, geometry.dtype());
    float[] keys = numbers(count * geometry.keyDim(), limit, random);
    float[] values = numbers(count * geometry.valueDim(), limit, random);
    kernel.store(keys, 0, keys.length, block, 0);
    kernel.store(values, 0, values.length, block, geometry.valuesOffset());
    return block;
  }

  private static float[] numbers(int count, float limit, SplittableRandom random) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] =
          switch (i / 4096 % 4) {
            case 0 -> (float) (random.nextDouble(-1, 1) * limit);
            case 1 -> random.nextFloat() * limit;
            case 2 -> limit;
            default -> random.nextBoolean() ? limit : -limit;
          };
    }
    return numbers;
  }
}
