package dev.varve.store.kernel;

import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;

/** One element after the other. */
final class ScalarDtypeKernel implements DtypeKernel {
  private final Dtype dtype;

  ScalarDtypeKernel(Dtype dtype) {
    this.dtype = dtype;
  }

  @Override
  public void load(MemorySegment source, long offset, float[] target, int at, int count) {
    for (int i = 0; i < count; i++) {
      target[at + i] =
          switch (dtype) {
            case F32 -> source.get(DtypeLayouts.FLOAT, offset + 4L * i);
            case F16 -> Float.float16ToFloat(source.get(DtypeLayouts.SHORT, offset + 2L * i));
            case BF16 -> Bfloat16.toFloat(source.get(DtypeLayouts.SHORT, offset + 2L * i));
          };
    }
  }

  @Override
  public void store(float[] source, int at, int count, MemorySegment target, long offset) {
    for (int i = 0; i < count; i++) {
      float value = source[at + i];
      switch (dtype) {
        case F32 -> target.set(DtypeLayouts.FLOAT, offset + 4L * i, value);
        case F16 -> target.set(DtypeLayouts.SHORT, offset + 2L * i, Float.floatToFloat16(value));
        case BF16 -> target.set(DtypeLayouts.SHORT, offset + 2L * i, Bfloat16.of(value));
      }
    }
  }
}
