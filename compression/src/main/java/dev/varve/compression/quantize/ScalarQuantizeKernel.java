package dev.varve.compression.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One element after the other. */
final class ScalarQuantizeKernel implements QuantizeKernel {

  @Override
  public void range(float[] values, int at, int count, float[] range) {
    float lowest = values[at];
    float highest = values[at];
    for (int i = 1; i < count; i++) {
      lowest = Math.min(lowest, values[at + i]);
      highest = Math.max(highest, values[at + i]);
    }
    range[0] = lowest;
    range[1] = highest;
  }

  @Override
  public void widen(float[] values, int at, int count, float[] lowest, float[] highest) {
    for (int i = 0; i < count; i++) {
      lowest[i] = Math.min(lowest[i], values[at + i]);
      highest[i] = Math.max(highest[i], values[at + i]);
    }
  }

  @Override
  public void quantize(
      float[] values, int at, int count, float zero, float inverse, int top, byte[] codes, int to) {
    for (int i = 0; i < count; i++) {
      codes[to + i] = code(values[at + i], zero, inverse, top);
    }
  }

  @Override
  public void quantizeEach(
      float[] values, int at, int count, float[] zeros, float[] inverses, int top, byte[] codes) {
    for (int i = 0; i < count; i++) {
      codes[i] = code(values[at + i], zeros[i], inverses[i], top);
    }
  }

  private static byte code(float value, float zero, float inverse, int top) {
    float steps = Math.min(Math.max((value - zero) * inverse, 0f), (float) top);
    return (byte) Math.rint(steps);
  }

  @Override
  public void dequantize(
      byte[] codes, int from, int count, float zero, float scale, float[] values, int at) {
    for (int i = 0; i < count; i++) {
      values[at + i] = Byte.toUnsignedInt(codes[from + i]) * scale + zero;
    }
  }

  @Override
  public void dequantizeEach(
      byte[] codes, int count, float[] zeros, float[] scales, float[] values, int at) {
    for (int i = 0; i < count; i++) {
      values[at + i] = Byte.toUnsignedInt(codes[i]) * scales[i] + zeros[i];
    }
  }

  @Override
  public void pack(byte[] codes, int count, int bits, MemorySegment target, long offset) {
    int planes = Byte.SIZE / bits;
    int bytes = count / planes;
    for (int i = 0; i < bytes; i++) {
      int packed = 0;
      for (int plane = 0; plane < planes; plane++) {
        packed |= Byte.toUnsignedInt(codes[i + plane * bytes]) << (plane * bits);
      }
      target.set(ValueLayout.JAVA_BYTE, offset + i, (byte) packed);
    }
  }

  @Override
  public void unpack(MemorySegment source, long offset, int count, int bits, byte[] codes) {
    int planes = Byte.SIZE / bits;
    int bytes = count / planes;
    int mask = (1 << bits) - 1;
    for (int i = 0; i < bytes; i++) {
      int packed = Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, offset + i));
      for (int plane = 0; plane < planes; plane++) {
        codes[i + plane * bytes] = (byte) (packed >>> (plane * bits) & mask);
      }
    }
  }
}
