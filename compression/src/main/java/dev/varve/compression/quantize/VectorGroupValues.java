package dev.varve.compression.quantize;

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
 * From codes to floats, for groups that are whole vectors of at least eight floats.
 *
 * <p>Written by the rules of this package.
 */
final class VectorGroupValues {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final int LANES = FLOATS.length();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LANES * Byte.SIZE)));
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private VectorGroupValues() {}

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
    if (group == 2 * LANES) {
      for (int g = 0; g < groups; g++) {
        int done = g * 2 * LANES;
        long begin = offset + done;
        int to = at + done;
        float zero = zeros[g];
        float scale = scales[g];
        IntVector c0 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f0 = (FloatVector) c0.convertShape(I2F, FLOATS, 0);
        f0.mul(scale).add(zero).intoArray(values, to);
        IntVector c1 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f1 = (FloatVector) c1.convertShape(I2F, FLOATS, 0);
        f1.mul(scale).add(zero).intoArray(values, to + LANES);
      }
    } else if (group == 4 * LANES) {
      for (int g = 0; g < groups; g++) {
        int done = g * 4 * LANES;
        long begin = offset + done;
        int to = at + done;
        float zero = zeros[g];
        float scale = scales[g];
        IntVector c0 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f0 = (FloatVector) c0.convertShape(I2F, FLOATS, 0);
        f0.mul(scale).add(zero).intoArray(values, to);
        IntVector c1 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f1 = (FloatVector) c1.convertShape(I2F, FLOATS, 0);
        f1.mul(scale).add(zero).intoArray(values, to + LANES);
        IntVector c2 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + 2L * LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f2 = (FloatVector) c2.convertShape(I2F, FLOATS, 0);
        f2.mul(scale).add(zero).intoArray(values, to + 2 * LANES);
        IntVector c3 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + 3L * LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f3 = (FloatVector) c3.convertShape(I2F, FLOATS, 0);
        f3.mul(scale).add(zero).intoArray(values, to + 3 * LANES);
      }
    } else if (group == 8 * LANES) {
      for (int g = 0; g < groups; g++) {
        int done = g * 8 * LANES;
        long begin = offset + done;
        int to = at + done;
        float zero = zeros[g];
        float scale = scales[g];
        IntVector c0 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f0 = (FloatVector) c0.convertShape(I2F, FLOATS, 0);
        f0.mul(scale).add(zero).intoArray(values, to);
        IntVector c1 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f1 = (FloatVector) c1.convertShape(I2F, FLOATS, 0);
        f1.mul(scale).add(zero).intoArray(values, to + LANES);
        IntVector c2 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + 2L * LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f2 = (FloatVector) c2.convertShape(I2F, FLOATS, 0);
        f2.mul(scale).add(zero).intoArray(values, to + 2 * LANES);
        IntVector c3 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + 3L * LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f3 = (FloatVector) c3.convertShape(I2F, FLOATS, 0);
        f3.mul(scale).add(zero).intoArray(values, to + 3 * LANES);
        IntVector c4 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + 4L * LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f4 = (FloatVector) c4.convertShape(I2F, FLOATS, 0);
        f4.mul(scale).add(zero).intoArray(values, to + 4 * LANES);
        IntVector c5 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + 5L * LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f5 = (FloatVector) c5.convertShape(I2F, FLOATS, 0);
        f5.mul(scale).add(zero).intoArray(values, to + 5 * LANES);
        IntVector c6 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + 6L * LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f6 = (FloatVector) c6.convertShape(I2F, FLOATS, 0);
        f6.mul(scale).add(zero).intoArray(values, to + 6 * LANES);
        IntVector c7 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, source, begin + 7L * LANES, ORDER)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f7 = (FloatVector) c7.convertShape(I2F, FLOATS, 0);
        f7.mul(scale).add(zero).intoArray(values, to + 7 * LANES);
      }
    } else {
      for (int g = 0; g < groups; g++) {
        for (int i = g * group; i < (g + 1) * group; i += LANES) {
          IntVector unsigned =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, source, offset + i, ORDER)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          FloatVector steps = (FloatVector) unsigned.convertShape(I2F, FLOATS, 0);
          steps.mul(scales[g]).add(zeros[g]).intoArray(values, at + i);
        }
      }
    }
  }

  /** See {@link QuantizeKernel#dequantizeGroups}. */
  static void dequantize(
      byte[] codes, int groups, int group, float[] zeros, float[] scales, float[] values, int at) {
    if (group == 2 * LANES) {
      for (int g = 0; g < groups; g++) {
        int done = g * 2 * LANES;
        int to = at + done;
        float zero = zeros[g];
        float scale = scales[g];
        IntVector c0 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done).convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f0 = (FloatVector) c0.convertShape(I2F, FLOATS, 0);
        f0.mul(scale).add(zero).intoArray(values, to);
        IntVector c1 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f1 = (FloatVector) c1.convertShape(I2F, FLOATS, 0);
        f1.mul(scale).add(zero).intoArray(values, to + LANES);
      }
    } else if (group == 4 * LANES) {
      for (int g = 0; g < groups; g++) {
        int done = g * 4 * LANES;
        int to = at + done;
        float zero = zeros[g];
        float scale = scales[g];
        IntVector c0 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done).convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f0 = (FloatVector) c0.convertShape(I2F, FLOATS, 0);
        f0.mul(scale).add(zero).intoArray(values, to);
        IntVector c1 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f1 = (FloatVector) c1.convertShape(I2F, FLOATS, 0);
        f1.mul(scale).add(zero).intoArray(values, to + LANES);
        IntVector c2 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + 2 * LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f2 = (FloatVector) c2.convertShape(I2F, FLOATS, 0);
        f2.mul(scale).add(zero).intoArray(values, to + 2 * LANES);
        IntVector c3 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + 3 * LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f3 = (FloatVector) c3.convertShape(I2F, FLOATS, 0);
        f3.mul(scale).add(zero).intoArray(values, to + 3 * LANES);
      }
    } else if (group == 8 * LANES) {
      for (int g = 0; g < groups; g++) {
        int done = g * 8 * LANES;
        int to = at + done;
        float zero = zeros[g];
        float scale = scales[g];
        IntVector c0 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done).convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f0 = (FloatVector) c0.convertShape(I2F, FLOATS, 0);
        f0.mul(scale).add(zero).intoArray(values, to);
        IntVector c1 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f1 = (FloatVector) c1.convertShape(I2F, FLOATS, 0);
        f1.mul(scale).add(zero).intoArray(values, to + LANES);
        IntVector c2 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + 2 * LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f2 = (FloatVector) c2.convertShape(I2F, FLOATS, 0);
        f2.mul(scale).add(zero).intoArray(values, to + 2 * LANES);
        IntVector c3 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + 3 * LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f3 = (FloatVector) c3.convertShape(I2F, FLOATS, 0);
        f3.mul(scale).add(zero).intoArray(values, to + 3 * LANES);
        IntVector c4 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + 4 * LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f4 = (FloatVector) c4.convertShape(I2F, FLOATS, 0);
        f4.mul(scale).add(zero).intoArray(values, to + 4 * LANES);
        IntVector c5 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + 5 * LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f5 = (FloatVector) c5.convertShape(I2F, FLOATS, 0);
        f5.mul(scale).add(zero).intoArray(values, to + 5 * LANES);
        IntVector c6 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + 6 * LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f6 = (FloatVector) c6.convertShape(I2F, FLOATS, 0);
        f6.mul(scale).add(zero).intoArray(values, to + 6 * LANES);
        IntVector c7 =
            (IntVector)
                ByteVector.fromArray(BYTES, codes, done + 7 * LANES)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        FloatVector f7 = (FloatVector) c7.convertShape(I2F, FLOATS, 0);
        f7.mul(scale).add(zero).intoArray(values, to + 7 * LANES);
      }
    } else {
      for (int g = 0; g < groups; g++) {
        for (int i = g * group; i < (g + 1) * group; i += LANES) {
          IntVector unsigned =
              (IntVector)
                  ByteVector.fromArray(BYTES, codes, i).convertShape(ZERO_EXTEND_B2I, INTS, 0);
          FloatVector steps = (FloatVector) unsigned.convertShape(I2F, FLOATS, 0);
          steps.mul(scales[g]).add(zeros[g]).intoArray(values, at + i);
        }
      }
    }
  }
}
