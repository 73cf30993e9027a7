package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.I2B;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * From floats to codes, for groups that are whole vectors of at least eight floats. A code is
 * rounded by adding a number so large that a float has no place for a fraction beside it, and
 * stands in the lowest byte of the sum.
 *
 * <p>Written by the rules of this package.
 */
final class VectorGroupCodes {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LANES * Byte.SIZE)));
  private static final float ROUNDING = 0x1.8p23f;

  private VectorGroupCodes() {}

  /** See {@link QuantizeKernel#quantizeGroups}. */
  static void quantize(
      float[] values,
      int at,
      int groups,
      int group,
      float[] zeros,
      float[] inverses,
      byte[] codes) {
    if (group == 2 * LANES) {
      for (int g = 0; g < groups; g++) {
        int to = g * 2 * LANES;
        int from = at + to;
        float zero = zeros[g];
        float inverse = inverses[g];
        IntVector s0 =
            FloatVector.fromArray(FLOATS, values, from)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s0.convertShape(I2B, BYTES, 0)).intoArray(codes, to);
        IntVector s1 =
            FloatVector.fromArray(FLOATS, values, from + LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s1.convertShape(I2B, BYTES, 0)).intoArray(codes, to + LANES);
      }
    } else if (group == 4 * LANES) {
      for (int g = 0; g < groups; g++) {
        int to = g * 4 * LANES;
        int from = at + to;
        float zero = zeros[g];
        float inverse = inverses[g];
        IntVector s0 =
            FloatVector.fromArray(FLOATS, values, from)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s0.convertShape(I2B, BYTES, 0)).intoArray(codes, to);
        IntVector s1 =
            FloatVector.fromArray(FLOATS, values, from + LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s1.convertShape(I2B, BYTES, 0)).intoArray(codes, to + LANES);
        IntVector s2 =
            FloatVector.fromArray(FLOATS, values, from + 2 * LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s2.convertShape(I2B, BYTES, 0)).intoArray(codes, to + 2 * LANES);
        IntVector s3 =
            FloatVector.fromArray(FLOATS, values, from + 3 * LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s3.convertShape(I2B, BYTES, 0)).intoArray(codes, to + 3 * LANES);
      }
    } else if (group == 8 * LANES) {
      for (int g = 0; g < groups; g++) {
        int to = g * 8 * LANES;
        int from = at + to;
        float zero = zeros[g];
        float inverse = inverses[g];
        IntVector s0 =
            FloatVector.fromArray(FLOATS, values, from)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s0.convertShape(I2B, BYTES, 0)).intoArray(codes, to);
        IntVector s1 =
            FloatVector.fromArray(FLOATS, values, from + LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s1.convertShape(I2B, BYTES, 0)).intoArray(codes, to + LANES);
        IntVector s2 =
            FloatVector.fromArray(FLOATS, values, from + 2 * LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s2.convertShape(I2B, BYTES, 0)).intoArray(codes, to + 2 * LANES);
        IntVector s3 =
            FloatVector.fromArray(FLOATS, values, from + 3 * LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s3.convertShape(I2B, BYTES, 0)).intoArray(codes, to + 3 * LANES);
        IntVector s4 =
            FloatVector.fromArray(FLOATS, values, from + 4 * LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s4.convertShape(I2B, BYTES, 0)).intoArray(codes, to + 4 * LANES);
        IntVector s5 =
            FloatVector.fromArray(FLOATS, values, from + 5 * LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s5.convertShape(I2B, BYTES, 0)).intoArray(codes, to + 5 * LANES);
        IntVector s6 =
            FloatVector.fromArray(FLOATS, values, from + 6 * LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s6.convertShape(I2B, BYTES, 0)).intoArray(codes, to + 6 * LANES);
        IntVector s7 =
            FloatVector.fromArray(FLOATS, values, from + 7 * LANES)
                .sub(zero)
                .mul(inverse)
                .add(ROUNDING)
                .reinterpretAsInts();
        ((ByteVector) s7.convertShape(I2B, BYTES, 0)).intoArray(codes, to + 7 * LANES);
      }
    } else {
      for (int g = 0; g < groups; g++) {
        for (int i = g * group; i < (g + 1) * group; i += LANES) {
          IntVector sums =
              FloatVector.fromArray(FLOATS, values, at + i)
                  .sub(zeros[g])
                  .mul(inverses[g])
                  .add(ROUNDING)
                  .reinterpretAsInts();
          ((ByteVector) sums.convertShape(I2B, BYTES, 0)).intoArray(codes, i);
        }
      }
    }
  }
}
