package dev.varve.store.kernel;

import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors at a time. There is no half-precision vector on JDK 25, but the compiler turns the
 * plain loops over {@code float16ToFloat} and {@code floatToFloat16} into the machine's conversion;
 * bfloat16 is a shift of widened shorts.
 */
final class VectorDtypeKernel implements DtypeKernel {
  private static final VectorSpecies<Float> FLOATS = VectorLanes.FLOATS;
  private static final VectorSpecies<Short> SHORTS = VectorLanes.SHORTS;
  private static final int LANES = VectorLanes.LANES;

  private final Dtype dtype;

  VectorDtypeKernel(Dtype dtype) {
    this.dtype = dtype;
  }

  @Override
  public void load(MemorySegment source, long offset, float[] target, int at, int count) {
    Objects.checkFromIndexSize(at, count, target.length);
    if (dtype == Dtype.F32) {
      MemorySegment.copy(source, DtypeLayouts.FLOAT, offset, target, at, count);
    } else if (!source.isNative()) {
      VectorShortArray.load(dtype == Dtype.BF16, source, offset, target, at, count);
    } else if (dtype == Dtype.F16) {
      loadHalfs(source, offset, target, at, count);
    } else {
      loadBfloats(source, offset, target, at, count);
    }
  }

  @Override
  public void store(float[] source, int at, int count, MemorySegment target, long offset) {
    Objects.checkFromIndexSize(at, count, source.length);
    if (dtype == Dtype.F32) {
      MemorySegment.copy(source, at, target, DtypeLayouts.FLOAT, offset, count);
    } else if (!target.isNative()) {
      VectorShortArray.store(dtype == Dtype.BF16, source, at, count, target, offset);
    } else if (dtype == Dtype.F16) {
      storeHalfs(source, at, count, target, offset);
    } else {
      storeBfloats(source, at, count, target, offset);
    }
  }

  private static void loadHalfs(
      MemorySegment memory, long offset, float[] target, int at, int count) {
    MemorySegment source = KnownMemory.offHeap(memory);
    for (int i = 0; i < count; i++) {
      target[at + i] = Float.float16ToFloat(source.get(DtypeLayouts.SHORT, offset + 2L * i));
    }
  }

  private static void storeHalfs(
      float[] source, int at, int count, MemorySegment memory, long offset) {
    MemorySegment target = KnownMemory.offHeap(memory);
    for (int i = 0; i < count; i++) {
      target.set(DtypeLayouts.SHORT, offset + 2L * i, Float.floatToFloat16(source[at + i]));
    }
  }

  private static void loadBfloats(
      MemorySegment memory, long offset, float[] target, int at, int count) {
    int whole = VectorBfloats.whole(count);
    if (whole > 0) {
      loadWhole(memory, offset, target, at, whole);
    }
    MemorySegment source = KnownMemory.offHeap(memory);
    for (int i = whole; i < count; i++) {
      target[at + i] = Bfloat16.toFloat(source.get(DtypeLayouts.SHORT, offset + 2L * i));
    }
  }

  private static void loadWhole(
      MemorySegment memory, long offset, float[] target, int at, int count) {
    MemorySegment source = KnownMemory.offHeap(memory);
    for (int i = 0; i < count; i += 2 * LANES) {
      ShortVector stored =
          ShortVector.fromMemorySegment(SHORTS, source, offset + 2L * i, ByteOrder.LITTLE_ENDIAN);
      VectorBfloats.widened(stored, 0).intoArray(target, at + i);
      VectorBfloats.widened(stored, 1).intoArray(target, at + i + LANES);
    }
  }

  private static void storeBfloats(
      float[] source, int at, int count, MemorySegment memory, long offset) {
    int whole = VectorBfloats.whole(count);
    if (whole > 0) {
      storeWhole(source, at, whole, memory, offset);
    }
    MemorySegment target = KnownMemory.offHeap(memory);
    for (int i = whole; i < count; i++) {
      target.set(DtypeLayouts.SHORT, offset + 2L * i, Bfloat16.of(source[at + i]));
    }
  }

  private static void storeWhole(
      float[] source, int at, int count, MemorySegment memory, long offset) {
    MemorySegment target = KnownMemory.offHeap(memory);
    for (int i = 0; i < count; i += 2 * LANES) {
      FloatVector low = FloatVector.fromArray(FLOATS, source, at + i);
      FloatVector high = FloatVector.fromArray(FLOATS, source, at + i + LANES);
      VectorBfloats.narrowed(low, 0)
          .or(VectorBfloats.narrowed(high, -1))
          .intoMemorySegment(target, offset + 2L * i, ByteOrder.LITTLE_ENDIAN);
    }
  }
}
