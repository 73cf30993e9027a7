package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
  private static final float ROUNDING = 0x1.8p23f;
  private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);

  private final QuantizeKernel plain = new ScalarQuantizeKernel();

  @Override
  public void range(float[] values, int at, int count, float[] range) {
    VectorRanges.ofOne(values, at, count, range, 0, range, 1);
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
        FloatVector steps = FloatVector.fromArray(FLOATS, values, at + i).sub(zero).mul(inverse);
        codes(steps, top).intoArray(codes, to + i);
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
                .mul(FloatVector.fromArray(FLOATS, inverses, i));
        codes(steps, top).intoArray(codes, i);
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

  /**
   * The sums are compared as integers, which takes one step where floats take five: they ascend
   * with the numbers above the rounding constant, and what lies far below it is negative.
   */
  private static ByteVector codes(FloatVector steps, int top) {
    IntVector rounded = steps.add(ROUNDING).reinterpretAsInts();
    return (ByteVector)
        rounded.max(ROUNDING_BITS).min(ROUNDING_BITS + top).convertShape(I2B, BYTES, 0);
  }

  private static FloatVector floats(byte[] codes, int from) {
    IntVector unsigned =
        (IntVector) ByteVector.fromArray(BYTES, codes, from).convertShape(ZERO_EXTEND_B2I, INTS, 0);
    return (FloatVector) unsigned.convertShape(I2F, FLOATS, 0);
  }

  @Override
  public void pack(byte[] codes, int count, int bits, MemorySegment target, long offset) {
    packRows(codes, 1, count, bits, target, offset);
  }

  @Override
  public void packRows(
      byte[] codes, int rows, int count, int bits, MemorySegment target, long offset) {
    int planes = Byte.SIZE / bits;
    int bytes = count / planes;
    if (planes == 1) {
      MemorySegment.copy(codes, 0, target, ValueLayout.JAVA_BYTE, offset, rows * count);
    } else if (bytes % PackedWords.UNIT != 0 || !target.isNative()) {
      if (rows == 1) {
        plain.pack(codes, count, bits, target, offset);
      } else {
        plain.packRows(codes, rows, count, bits, target, offset);
      }
    } else {
      Objects.checkFromIndexSize(0, rows * count, codes.length);
      PackedWords.pack(codes, rows, bits, bytes, target, offset);
    }
  }

  @Override
  public void unpack(MemorySegment source, long offset, int count, int bits, byte[] codes) {
    unpackRows(source, offset, 1, count, bits, codes);
  }

  @Override
  public void unpackRows(
      MemorySegment source, long offset, int rows, int count, int bits, byte[] codes) {
    int planes = Byte.SIZE / bits;
    int bytes = count / planes;
    if (planes == 1) {
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, codes, 0, rows * count);
    } else if (bytes % PackedWords.UNIT != 0 || !source.isNative()) {
      if (rows == 1) {
        plain.unpack(source, offset, count, bits, codes);
      } else {
        plain.unpackRows(source, offset, rows, count, bits, codes);
      }
    } else {
      Objects.checkFromIndexSize(0, rows * count, codes.length);
      PackedWords.unpack(source, offset, rows, bits, bytes, codes);
    }
  }

  @Override
  public int fit(
      boolean symmetric,
      int top,
      float[] lowest,
      float[] highest,
      int from,
      int groups,
      short[] parameters) {
    return symmetric
        ? VectorGroupFit.symmetric(top, lowest, highest, from, groups, parameters)
        : VectorGroupFit.asymmetric(top, lowest, highest, from, groups, parameters);
  }

  @Override
  public void peaks(
      float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    if (group % LANES == 0) {
      VectorPeaks.of(values, at, groups, group, lowest, highest);
    } else {
      QuantizeKernel.super.peaks(values, at, groups, group, lowest, highest);
    }
  }

  @Override
  public void ranges(
      float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    VectorRanges.of(values, at, groups, group, lowest, highest);
  }

  @Override
  public void quantizeGroups(
      float[] values,
      int at,
      int groups,
      int group,
      float[] zeros,
      float[] inverses,
      byte[] codes) {
    if (WIDE && group % LANES == 0) {
      VectorGroupCodes.quantize(values, at, groups, group, zeros, inverses, codes);
    } else {
      QuantizeKernel.super.quantizeGroups(values, at, groups, group, zeros, inverses, codes);
    }
  }

  @Override
  public void dequantizeGroups(
      byte[] codes, int groups, int group, float[] zeros, float[] scales, float[] values, int at) {
    if (WIDE && group % LANES == 0) {
      VectorGroupValues.dequantize(codes, groups, group, zeros, scales, values, at);
    } else {
      QuantizeKernel.super.dequantizeGroups(codes, groups, group, zeros, scales, values, at);
    }
  }

  @Override
  public void readBytes(
      MemorySegment source,
      long offset,
      int groups,
      int group,
      float[] zeros,
      float[] scales,
      float[] values,
      int at) {
    if (WIDE && group % LANES == 0 && source.isNative()) {
      VectorGroupValues.read(source, offset, groups, group, zeros, scales, values, at);
    } else {
      QuantizeKernel.super.readBytes(source, offset, groups, group, zeros, scales, values, at);
    }
  }
}
