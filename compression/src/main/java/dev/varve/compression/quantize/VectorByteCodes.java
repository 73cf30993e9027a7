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
 * Codes of 8 bits between floats and the memory they are stored in, for groups of whole vectors of
 * at least eight floats. A code is rounded by adding a number so large that a float has no place
 * for a fraction beside it, and stands in the lowest byte of the sum.
 *
 * <p>Written as {@link VectorLoops} asks for.
 */
final class VectorByteCodes {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final int LANES = FLOATS.length();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LANES * Byte.SIZE)));
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  private static final float ROUNDING = 0x1.8p23f;

  private VectorByteCodes() {}

  /**
   * See {@link QuantizeKernel#writeBytes}.
   *
   * @param vectors how many there are in all groups
   * @param first element of the zeros at which those of these groups begin
   * @param shift see {@link VectorLoops#shift}; of one group alone {@link VectorLoops#ONE_GROUP}
   */
  static void write(
      float[] values,
      int at,
      int vectors,
      int first,
      int shift,
      float[] zeros,
      float[] inverses,
      MemorySegment target,
      long offset) {
    int v = 0;
    for (; v <= vectors - VectorLoops.ROUND; v += VectorLoops.ROUND) {
      int pair = v / 2;
      int from = at + v * LANES;
      long into = offset + (long) v * LANES;
      int g0 = first + (pair >> shift);
      FloatVector v0 = FloatVector.fromArray(FLOATS, values, from).sub(zeros[g0]).mul(inverses[g0]);
      IntVector s0 = v0.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) s0.convertShape(I2B, BYTES, 0)).intoMemorySegment(target, into, ORDER);
      FloatVector v1 =
          FloatVector.fromArray(FLOATS, values, from + LANES).sub(zeros[g0]).mul(inverses[g0]);
      IntVector s1 = v1.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) s1.convertShape(I2B, BYTES, 0)).intoMemorySegment(target, into + LANES, ORDER);
      int g1 = first + ((pair + 1) >> shift);
      FloatVector v2 =
          FloatVector.fromArray(FLOATS, values, from + 2 * LANES).sub(zeros[g1]).mul(inverses[g1]);
      IntVector s2 = v2.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) s2.convertShape(I2B, BYTES, 0))
          .intoMemorySegment(target, into + 2L * LANES, ORDER);
      FloatVector v3 =
          FloatVector.fromArray(FLOATS, values, from + 3 * LANES).sub(zeros[g1]).mul(inverses[g1]);
      IntVector s3 = v3.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) s3.convertShape(I2B, BYTES, 0))
          .intoMemorySegment(target, into + 3L * LANES, ORDER);
      int g2 = first + ((pair + 2) >> shift);
      FloatVector v4 =
          FloatVector.fromArray(FLOATS, values, from + 4 * LANES).sub(zeros[g2]).mul(inverses[g2]);
      IntVector s4 = v4.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) s4.convertShape(I2B, BYTES, 0))
          .intoMemorySegment(target, into + 4L * LANES, ORDER);
      FloatVector v5 =
          FloatVector.fromArray(FLOATS, values, from + 5 * LANES).sub(zeros[g2]).mul(inverses[g2]);
      IntVector s5 = v5.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) s5.convertShape(I2B, BYTES, 0))
          .intoMemorySegment(target, into + 5L * LANES, ORDER);
      int g3 = first + ((pair + 3) >> shift);
      FloatVector v6 =
          FloatVector.fromArray(FLOATS, values, from + 6 * LANES).sub(zeros[g3]).mul(inverses[g3]);
      IntVector s6 = v6.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) s6.convertShape(I2B, BYTES, 0))
          .intoMemorySegment(target, into + 6L * LANES, ORDER);
      FloatVector v7 =
          FloatVector.fromArray(FLOATS, values, from + 7 * LANES).sub(zeros[g3]).mul(inverses[g3]);
      IntVector s7 = v7.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) s7.convertShape(I2B, BYTES, 0))
          .intoMemorySegment(target, into + 7L * LANES, ORDER);
    }
    for (; v < vectors; v++) {
      int g = first + ((v / 2) >> shift);
      FloatVector steps =
          FloatVector.fromArray(FLOATS, values, at + v * LANES).sub(zeros[g]).mul(inverses[g]);
      IntVector sums = steps.add(ROUNDING).reinterpretAsInts();
      ((ByteVector) sums.convertShape(I2B, BYTES, 0))
          .intoMemorySegment(target, offset + (long) v * LANES, ORDER);
    }
  }

  /**
   * See {@link QuantizeKernel#readBytes}.
   *
   * @param vectors how many there are in all groups
   * @param first element of the zeros at which those of these groups begin
   * @param shift see {@link VectorLoops#shift}; of one group alone {@link VectorLoops#ONE_GROUP}
   */
  static void read(
      MemorySegment source,
      long offset,
      int vectors,
      int first,
      int shift,
      float[] zeros,
      float[] scales,
      float[] values,
      int at) {
    int v = 0;
    for (; v <= vectors - VectorLoops.ROUND; v += VectorLoops.ROUND) {
      int pair = v / 2;
      long begin = offset + (long) v * LANES;
      int to = at + v * LANES;
      int g0 = first + (pair >> shift);
      IntVector c0 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, begin, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) c0.convertShape(I2F, FLOATS, 0))
          .mul(scales[g0])
          .add(zeros[g0])
          .intoArray(values, to);
      IntVector c1 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, begin + LANES, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) c1.convertShape(I2F, FLOATS, 0))
          .mul(scales[g0])
          .add(zeros[g0])
          .intoArray(values, to + LANES);
      int g1 = first + ((pair + 1) >> shift);
      IntVector c2 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, begin + 2L * LANES, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) c2.convertShape(I2F, FLOATS, 0))
          .mul(scales[g1])
          .add(zeros[g1])
          .intoArray(values, to + 2 * LANES);
      IntVector c3 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, begin + 3L * LANES, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) c3.convertShape(I2F, FLOATS, 0))
          .mul(scales[g1])
          .add(zeros[g1])
          .intoArray(values, to + 3 * LANES);
      int g2 = first + ((pair + 2) >> shift);
      IntVector c4 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, begin + 4L * LANES, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) c4.convertShape(I2F, FLOATS, 0))
          .mul(scales[g2])
          .add(zeros[g2])
          .intoArray(values, to + 4 * LANES);
      IntVector c5 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, begin + 5L * LANES, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) c5.convertShape(I2F, FLOATS, 0))
          .mul(scales[g2])
          .add(zeros[g2])
          .intoArray(values, to + 5 * LANES);
      int g3 = first + ((pair + 3) >> shift);
      IntVector c6 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, begin + 6L * LANES, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) c6.convertShape(I2F, FLOATS, 0))
          .mul(scales[g3])
          .add(zeros[g3])
          .intoArray(values, to + 6 * LANES);
      IntVector c7 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, begin + 7L * LANES, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) c7.convertShape(I2F, FLOATS, 0))
          .mul(scales[g3])
          .add(zeros[g3])
          .intoArray(values, to + 7 * LANES);
    }
    for (; v < vectors; v++) {
      int g = first + ((v / 2) >> shift);
      IntVector unsigned =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, offset + (long) v * LANES, ORDER)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) unsigned.convertShape(I2F, FLOATS, 0))
          .mul(scales[g])
          .add(zeros[g])
          .intoArray(values, at + v * LANES);
    }
  }
}
