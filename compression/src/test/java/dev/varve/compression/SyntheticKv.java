package dev.varve.compression;

import dev.varve.store.BlockGeometry;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Random keys and values with the habits of real ones: a few key channels are large for all tokens
 * of a head, values have no such channels.
 */
public final class SyntheticKv {
  private SyntheticKv() {}

  /** A block full of random keys and values, rounded to the geometry's element type. */
  public static MemorySegment block(BlockGeometry geometry, SplittableRandom random) {
    MemorySegment block = Arena.ofAuto().allocate(geometry.bytes(), BlockGeometry.ALIGNMENT);
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, geometry.dtype());
    int tokens = geometry.tokens();
    float[] keys = keys(random, geometry.kvHeads(), tokens, geometry.keyDim());
    kernel.store(keys, 0, keys.length, block, 0);
    if (!geometry.valueIsPrefixOfKey()) {
      float[] values = gaussian(random, geometry.kvHeads() * tokens * geometry.valueDim());
      kernel.store(values, 0, values.length, block, geometry.valuesOffset());
    }
    return block;
  }

  /** {@code [heads][tokens][dim]} with large channels. */
  public static float[] keys(SplittableRandom random, int heads, int tokens, int dim) {
    float[] keys = gaussian(random, heads * tokens * dim);
    for (int head = 0; head < heads; head++) {
      for (int large = 0; large < Math.max(1, dim / 32); large++) {
        int channel = random.nextInt(dim);
        float mean = 12 * (random.nextBoolean() ? 1 : -1) + (float) random.nextGaussian();
        for (int token = 0; token < tokens; token++) {
          keys[(head * tokens + token) * dim + channel] += mean;
        }
      }
    }
    return keys;
  }

  /** Standard normal numbers. */
  public static float[] gaussian(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** The elements of {@code section} in {@code block}, {@code [heads][blockTokens][dim]}. */
  public static float[] floats(BlockGeometry geometry, Section section, MemorySegment block) {
    int dim = section == Section.KEYS ? geometry.keyDim() : geometry.valueDim();
    long offset = section == Section.KEYS ? 0 : geometry.valuesOffset();
    float[] values = new float[geometry.kvHeads() * geometry.tokens() * dim];
    DtypeKernel.of(Backend.SCALAR, geometry.dtype()).load(block, offset, values, 0, values.length);
    return values;
  }
}
