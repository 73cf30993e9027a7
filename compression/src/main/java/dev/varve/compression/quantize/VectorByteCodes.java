package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Codes of 8 bits between floats and the memory they are stored in, for groups that are whole
 * vectors of at least eight floats. A code is rounded by adding a number so large that a float has
 * no place for a fraction beside it, and stands in the lowest byte of the sum.
 *
 * <p>Groups of two vectors have loops of their own without a loop inside, which runs a third
 * faster.
 */
final class VectorByteCodes {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final int LANES = FLOATS.length();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LANES * Byte.SIZE)));
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  private static final float ROUNDING = 0x1.8p23f;

  /** Values of two vectors. */
  static final int PAIR = 2 * LANES;

  private VectorByteCodes() {}

  /** See {@link QuantizeKernel#writeBytes}. */
  static void write(
      float[] values,
      int at,
      int groups,
      int group,
      float[] zeros,
      float[] inverses,
      MemorySegment target,
      long offset) {
    int done = 0;
    for (int g = 0; g < groups; g++) {
      float zero = zeros[g];
      float inverse = inverses[g];
      for (int i = 0; i < group; i += LANES) {
        FloatVector steps = FloatVector.fromArray(FLOATS, values, at + done).sub(zero).mul(inverse);
        codes(steps).intoMemorySegment(target, offset + done, ORDER);
        done += LANES;
      }
    }
  }

  /** {@link #write} for groups of {@link #PAIR}. */
  static void writePairs(
      float[] values,
      int at,
      int groups,
      float[] zeros,
      float[] inverses,
      MemorySegment target,
      long offset) {
    for (int g = 0; g < groups; g++) {
      int done = g * PAIR;
      int from = at + done;
      float zero = zeros[g];
      float inverse = inverses[g];
      FloatVector first = FloatVector.fromArray(FLOATS, values, from).sub(zero).mul(inverse);
      codes(first).intoMemorySegment(target, offset + done, ORDER);
      FloatVector second =
          FloatVector.fromArray(FLOATS, values, from + LANES).sub(zero).mul(inverse);
      codes(second).intoMemorySegment(target, offset + done + LANES, ORDER);
    }
  }

  /** See {@link QuantizeKernel#readBytes}. */
  static void read(
      MemorySegment source,
      long offset,
      int groups,
      int group,
      float[] zeros,
      float[] scales,
      float[] values,
      int at) {
    int done = 0;
    for (int g = 0; g < groups; g++) {
      float zero = zeros[g];
      float scale = scales[g];
      for (int i = 0; i < group; i += LANES) {
        ByteVector codes = ByteVector.fromMemorySegment(BYTES, source, offset + done, ORDER);
        floats(codes).mul(scale).add(zero).intoArray(values, at + done);
        done += LANES;
      }
    }
  }

  /** {@link #read} for groups of {@link #PAIR}. */
  static void readPairs(
      MemorySegment source,
      long offset,
      int groups,
      float[] zeros,
      float[] scales,
      float[] values,
      int at) {
    for (int g = 0; g < groups; g++) {
      int done = g * PAIR;
      float zero = zeros[g];
      float scale = scales[g];
      ByteVector first = ByteVector.fromMemorySegment(BYTES, source, offset + done, ORDER);
      floats(first).mul(scale).add(zero).intoArray(values, at + done);
      ByteVector second = ByteVector.fromMemorySegment(BYTES, source, offset + done + LANES, ORDER);
      floats(second).mul(scale).add(zero).intoArray(values, at + done + LANES);
    }
  }

  private static ByteVector codes(FloatVector steps) {
    return (ByteVector) steps.add(ROUNDING).reinterpretAsInts().convertShape(I2B, BYTES, 0);
  }

  private static FloatVector floats(ByteVector codes) {
    IntVector unsigned = (IntVector) codes.convertShape(ZERO_EXTEND_B2I, INTS, 0);
    return (FloatVector) unsigned.convertShape(I2F, FLOATS, 0);
  }
}
