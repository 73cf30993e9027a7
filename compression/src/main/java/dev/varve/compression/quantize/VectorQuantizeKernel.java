package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors at a time. Codes are rounded by adding a number so large that a float has no place
 * for a fraction beside it, and stand in the lowest byte of the sum. Lanes of less than 256 bits
 * have no vector type for as many bytes and run the plain loops.
 */
final class VectorQuantizeKernel implements QuantizeKernel {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final int LANES = FLOATS.length();
  private static final boolean WIDE = LANES >= 8;
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(WIDE ? LANES * Byte.SIZE : 64));
  private static final VectorSpecies<Byte> PACKED = ByteVector.SPECIES_128;
  private static final int PACKED_LANES = 16;
  private static final float ROUNDING = 0x1.8p23f;
  private static final int MAGNITUDE = 0x7fffffff;

  private final QuantizeKernel plain = new ScalarQuantizeKernel();

  /**
   * Compares numbers as integers that ascend with them: processors compare these at once, while
   * floats take five steps for the sake of zeros and NaNs.
   */
  @Override
  public void range(float[] values, int at, int count, float[] range) {
    if (count < LANES) {
      plain.range(values, at, count, range);
      return;
    }
    IntVector low = ordered(values, at);
    IntVector high = low;
    int i = LANES;
    for (; i <= count - LANES; i += LANES) {
      IntVector v = ordered(values, at + i);
      low = low.min(v);
      high = high.max(v);
    }
    int lowest = low.reduceLanes(MIN);
    int highest = high.reduceLanes(MAX);
    for (; i < count; i++) {
      int bits = ordered(Float.floatToRawIntBits(values[at + i]));
      lowest = Math.min(lowest, bits);
      highest = Math.max(highest, bits);
    }
    range[0] = Float.intBitsToFloat(ordered(lowest));
    range[1] = Float.intBitsToFloat(ordered(highest));
  }

  private static IntVector ordered(float[] values, int at) {
    IntVector bits = FloatVector.fromArray(FLOATS, values, at).reinterpretAsInts();
    return bits.lanewise(ASHR, Integer.SIZE - 1L).and(MAGNITUDE).lanewise(XOR, bits);
  }

  /** Its own inverse. */
  private static int ordered(int bits) {
    return ((bits >> (Integer.SIZE - 1)) & MAGNITUDE) ^ bits;
  }

  @Override
  public void widen(float[] values, int at, int count, float[] lowest, float[] highest) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, values, at + i);
      FloatVector.fromArray(FLOATS, lowest, i).min(v).intoArray(lowest, i);
      FloatVector.fromArray(FLOATS, highest, i).max(v).intoArray(highest, i);
    }
    for (; i < count; i++) {
      lowest[i] = Math.min(lowest[i], values[at + i]);
      highest[i] = Math.max(highest[i], values[at + i]);
    }
  }

  @Override
  public void quantize(
      float[] values, int at, int count, float zero, float inverse, int top, byte[] codes, int to) {
    int i = 0;
    if (WIDE) {
      for (; i <= count - LANES; i += LANES) {
        FloatVector steps =
            FloatVector.fromArray(FLOATS, values, at + i).sub(zero).mul(inverse).max(0f);
        IntVector rounded = steps.min(top).add(ROUNDING).reinterpretAsInts();
        ((ByteVector) rounded.convertShape(I2B, BYTES, 0)).intoArray(codes, to + i);
      }
    }
    plain.quantize(values, at + i, count - i, zero, inverse, top, codes, to + i);
  }

  @Override
  public void quantizeEach(
      float[] values, int at, int count, float[] zeros, float[] inverses, int top, byte[] codes) {
    int i = 0;
    if (WIDE) {
      for (; i <= count - LANES; i += LANES) {
        FloatVector steps =
            FloatVector.fromArray(FLOATS, values, at + i)
                .sub(FloatVector.fromArray(FLOATS, zeros, i))
                .mul(FloatVector.fromArray(FLOATS, inverses, i))
                .max(0f);
        IntVector rounded = steps.min(top).add(ROUNDING).reinterpretAsInts();
        ((ByteVector) rounded.convertShape(I2B, BYTES, 0)).intoArray(codes, i);
      }
    }
    for (; i < count; i++) {
      plain.quantize(values, at + i, 1, zeros[i], inverses[i], top, codes, i);
    }
  }

  @Override
  public void dequantize(
      byte[] codes, int from, int count, float zero, float scale, float[] values, int at) {
    int i = 0;
    if (WIDE) {
      for (; i <= count - LANES; i += LANES) {
        floats(codes, from + i).mul(scale).add(zero).intoArray(values, at + i);
      }
    }
    plain.dequantize(codes, from + i, count - i, zero, scale, values, at + i);
  }

  @Override
  public void dequantizeEach(
      byte[] codes, int count, float[] zeros, float[] scales, float[] values, int at) {
    int i = 0;
    if (WIDE) {
      for (; i <= count - LANES; i += LANES) {
        floats(codes, i)
            .mul(FloatVector.fromArray(FLOATS, scales, i))
            .add(FloatVector.fromArray(FLOATS, zeros, i))
            .intoArray(values, at + i);
      }
    }
    for (; i < count; i++) {
      plain.dequantize(codes, i, 1, zeros[i], scales[i], values, at + i);
    }
  }

  private static FloatVector floats(byte[] codes, int from) {
    IntVector unsigned =
        (IntVector) ByteVector.fromArray(BYTES, codes, from).convertShape(B2I, INTS, 0);
    return (FloatVector) unsigned.and(0xff).convertShape(I2F, FLOATS, 0);
  }

  @Override
  public void pack(byte[] codes, int count, int bits, MemorySegment target, long offset) {
    int planes = Byte.SIZE / bits;
    int bytes = count / planes;
    if (planes == 1) {
      MemorySegment.copy(codes, 0, target, ValueLayout.JAVA_BYTE, offset, count);
      return;
    }
    if (bytes % PACKED_LANES != 0) {
      plain.pack(codes, count, bits, target, offset);
      return;
    }
    Objects.checkFromIndexSize(0, count, codes.length);
    for (int i = 0; i < bytes; i += PACKED_LANES) {
      ByteVector packed = ByteVector.fromArray(PACKED, codes, i);
      for (int plane = 1; plane < planes; plane++) {
        ByteVector next = ByteVector.fromArray(PACKED, codes, i + plane * bytes);
        packed = packed.or(next.lanewise(LSHL, (long) plane * bits));
      }
      packed.intoMemorySegment(target, offset + i, ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Override
  public void unpack(MemorySegment source, long offset, int count, int bits, byte[] codes) {
    int planes = Byte.SIZE / bits;
    int bytes = count / planes;
    if (planes == 1) {
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, codes, 0, count);
      return;
    }
    if (bytes % PACKED_LANES != 0) {
      plain.unpack(source, offset, count, bits, codes);
      return;
    }
    Objects.checkFromIndexSize(0, count, codes.length);
    byte mask = (byte) ((1 << bits) - 1);
    for (int i = 0; i < bytes; i += PACKED_LANES) {
      ByteVector packed =
          ByteVector.fromMemorySegment(PACKED, source, offset + i, ByteOrder.LITTLE_ENDIAN);
      for (int plane = 0; plane < planes; plane++) {
        packed.lanewise(LSHR, (long) plane * bits).and(mask).intoArray(codes, i + plane * bytes);
      }
    }
  }
}
