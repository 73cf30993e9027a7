package dev.varve.store.kernel;

import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors at a time. There is no half-precision vector on JDK 25, but the compiler turns the
 * plain loops over {@code float16ToFloat} and {@code floatToFloat16} into the machine's conversion;
 * bfloat16 is a shift of widened shorts.
 */
final class VectorDtypeKernel implements DtypeKernel {
  private static final VectorSpecies<Float> FLOATS = VectorLanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = VectorLanes.INTS;
  private static final VectorSpecies<Short> SHORTS = VectorLanes.SHORTS;
  private static final int LANES = VectorLanes.LANES;

  private final Dtype dtype;

  VectorDtypeKernel(Dtype dtype) {
    this.dtype = dtype;
  }

  @Override
  public void load(MemorySegment source, long offset, float[] target, int at, int count) {
    Objects.checkFromIndexSize(at, count, target.length);
    switch (dtype) {
      case F32 -> MemorySegment.copy(source, DtypeLayouts.FLOAT, offset, target, at, count);
      case F16 -> loadHalfs(source, offset, target, at, count);
      case BF16 -> loadBfloats(source, offset, target, at, count);
    }
  }

  @Override
  public void store(float[] source, int at, int count, MemorySegment target, long offset) {
    Objects.checkFromIndexSize(at, count, source.length);
    switch (dtype) {
      case F32 -> MemorySegment.copy(source, at, target, DtypeLayouts.FLOAT, offset, count);
      case F16 -> storeHalfs(source, at, count, target, offset);
      case BF16 -> storeBfloats(source, at, count, target, offset);
    }
  }

  private static void loadHalfs(
      MemorySegment source, long offset, float[] target, int at, int count) {
    for (int i = 0; i < count; i++) {
      target[at + i] = Float.float16ToFloat(source.get(DtypeLayouts.SHORT, offset + 2L * i));
    }
  }

  private static void storeHalfs(
      float[] source, int at, int count, MemorySegment target, long offset) {
    for (int i = 0; i < count; i++) {
      target.set(DtypeLayouts.SHORT, offset + 2L * i, Float.floatToFloat16(source[at + i]));
    }
  }

  private static void loadBfloats(
      MemorySegment source, long offset, float[] target, int at, int count) {
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      ShortVector stored =
          ShortVector.fromMemorySegment(SHORTS, source, offset + 2L * i, ByteOrder.LITTLE_ENDIAN);
      widened(stored, 0).intoArray(target, at + i);
      widened(stored, 1).intoArray(target, at + i + LANES);
    }
    for (; i < count; i++) {
      target[at + i] = Bfloat16.toFloat(source.get(DtypeLayouts.SHORT, offset + 2L * i));
    }
  }

  private static FloatVector widened(ShortVector stored, int part) {
    return stored
        .convertShape(ZERO_EXTEND_S2I, INTS, part)
        .reinterpretAsInts()
        .lanewise(LSHL, 16)
        .reinterpretAsFloats();
  }

  private static void storeBfloats(
      float[] source, int at, int count, MemorySegment target, long offset) {
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      ShortVector low = narrowed(FloatVector.fromArray(FLOATS, source, at + i), 0);
      ShortVector high = narrowed(FloatVector.fromArray(FLOATS, source, at + i + LANES), -1);
      low.or(high).intoMemorySegment(target, offset + 2L * i, ByteOrder.LITTLE_ENDIAN);
    }
    for (; i < count; i++) {
      target.set(DtypeLayouts.SHORT, offset + 2L * i, Bfloat16.of(source[at + i]));
    }
  }

  private static ShortVector narrowed(FloatVector values, int part) {
    IntVector bits = values.reinterpretAsInts();
    IntVector upper = bits.lanewise(LSHR, 16);
    IntVector rounded = bits.add(0x7fff).add(upper.and(1)).lanewise(LSHR, 16);
    return rounded
        .blend(upper.or(0x40), values.compare(NE, values).cast(INTS))
        .convertShape(I2S, SHORTS, part)
        .reinterpretAsShorts();
  }
}
