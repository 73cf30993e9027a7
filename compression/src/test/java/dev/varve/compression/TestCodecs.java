package dev.varve.compression;

import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.predicted.EarlierLayer;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Codecs of any encoding, with {@link TestTables}; what needs an earlier block follows one. */
public final class TestCodecs {
  private TestCodecs() {}

  /** A codec; dependent ones follow {@link #earlier}. */
  public static BlockCodec open(
      Encoding encoding, BlockGeometry geometry, RopeSpec rope, Backend backend) {
    LayerTables tables = TestTables.of(geometry);
    return Codecs.dependent(encoding)
        ? Codecs.openAfter(
                new EarlierLayer(geometry, rope), encoding, geometry, rope, tables, backend)
            .after(earlier(geometry))
        : Codecs.open(encoding, geometry, rope, tables, backend);
  }

  /** A decoded block of a layer before; integer arithmetic alone makes its numbers. */
  public static MemorySegment earlier(BlockGeometry geometry) {
    MemorySegment block = Arena.ofAuto().allocate(geometry.bytes());
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, geometry.dtype());
    int keys = geometry.kvHeads() * geometry.tokens() * geometry.keyDim();
    kernel.store(numbers(keys, 11), 0, keys, block, 0);
    if (!geometry.valueIsPrefixOfKey()) {
      int values = geometry.kvHeads() * geometry.tokens() * geometry.valueDim();
      kernel.store(numbers(values, 12), 0, values, block, geometry.valuesOffset());
    }
    return block;
  }

  private static float[] numbers(int count, long seed) {
    float[] numbers = new float[count];
    long state = seed;
    for (int i = 0; i < count; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      numbers[i] = (int) (state >>> 52) / 1024f - 2;
    }
    return numbers;
  }
}
