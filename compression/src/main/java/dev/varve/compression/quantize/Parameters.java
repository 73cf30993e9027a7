package dev.varve.compression.quantize;

import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;

/** Stored scales and zeros: little-endian binary16. */
final class Parameters {
  private Parameters() {}

  static void write(float value, MemorySegment target, long offset) {
    target.set(DtypeLayouts.SHORT, offset, Float.floatToFloat16(value));
  }

  static float read(MemorySegment source, long offset) {
    return Float.float16ToFloat(source.get(DtypeLayouts.SHORT, offset));
  }
}
