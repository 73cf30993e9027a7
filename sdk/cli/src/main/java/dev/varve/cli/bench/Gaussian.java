package dev.varve.cli.bench;

import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Fills memory with normally distributed elements: no zeros, no denormals to speak of. */
final class Gaussian {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long SAMPLE_BYTES = 4L << 20;

  /** Distance between the beginnings of two pieces in the sample, odd in cache lines. */
  private static final long STRIDE = 64 * 4099;

  private final SplittableRandom random;

  Gaussian(long seed) {
    this.random = new SplittableRandom(seed);
  }

  float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /**
   * Fills {@code memory}: its front with fresh draws, the rest with pieces of these from varying
   * places, which is much faster and looks the same to a reader.
   */
  void fill(MemorySegment memory, Dtype dtype) {
    long sample = Math.min(SAMPLE_BYTES, memory.byteSize());
    for (long at = 0; at + dtype.bytes() <= sample; at += dtype.bytes()) {
      put(memory, at, dtype, (float) random.nextGaussian());
    }
    long piece = SAMPLE_BYTES / 2;
    for (long at = sample, i = 1; at < memory.byteSize(); at += piece, i++) {
      long length = Math.min(piece, memory.byteSize() - at);
      MemorySegment.copy(memory, i * STRIDE % piece, memory, at, length);
    }
  }

  private static void put(MemorySegment memory, long at, Dtype dtype, float value) {
    switch (dtype) {
      case F32 -> memory.set(FLOAT, at, value);
      case F16 -> memory.set(SHORT, at, Float.floatToFloat16(value));
      case BF16 -> memory.set(SHORT, at, (short) (Float.floatToRawIntBits(value) >>> 16));
    }
  }
}
