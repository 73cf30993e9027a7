package dev.varve.compression.quantize;

import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The inner loops of integer quantization. Codes are unsigned bytes. All backends give the same
 * bits: {@code code = clamp(roundToEven((x - zero) * inverse), 0, top)} and {@code x' = code *
 * scale + zero} in single precision without fused steps. Stateless and thread-safe.
 *
 * <p>Packed rows are planar: with {@code p = 8 / bits} codes in a byte, byte {@code i} of a row of
 * {@code n} codes holds code {@code i + k * n / p} in its bits {@code k * bits} and up, so that
 * unpacking is a mask and a shift of whole vectors.
 */
public interface QuantizeKernel {

  /** The kernel of {@code backend}. */
  static QuantizeKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarQuantizeKernel();
      case VECTOR -> new VectorQuantizeKernel();
    };
  }

  /** Writes the smallest and the largest of {@code count >= 1} values to {@code range}. */
  void range(float[] values, int at, int count, float[] range);

  /** Lowers {@code lowest[i]} and raises {@code highest[i]} to {@code values[at + i]}. */
  void widen(float[] values, int at, int count, float[] lowest, float[] highest);

  /** Codes of values that share {@code zero} and {@code inverse}. */
  void quantize(
      float[] values, int at, int count, float zero, float inverse, int top, byte[] codes, int to);

  /** Codes of values of which value {@code i} has {@code zeros[i]} and {@code inverses[i]}. */
  void quantizeEach(
      float[] values, int at, int count, float[] zeros, float[] inverses, int top, byte[] codes);

  /** Values of codes that share {@code zero} and {@code scale}. */
  void dequantize(
      byte[] codes, int from, int count, float zero, float scale, float[] values, int at);

  /** Values of codes of which code {@code i} has {@code zeros[i]} and {@code scales[i]}. */
  void dequantizeEach(
      byte[] codes, int count, float[] zeros, float[] scales, float[] values, int at);

  /**
   * Packs {@code count} codes, a multiple of {@code 8 / bits}, into {@code count * bits / 8} bytes.
   */
  void pack(byte[] codes, int count, int bits, MemorySegment target, long offset);

  /** The reverse of {@link #pack}. */
  void unpack(MemorySegment source, long offset, int count, int bits, byte[] codes);

  /** Range {@code g} of groups that follow each other, each of {@code group} values. */
  default void ranges(
      float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    float[] range = new float[2];
    for (int g = 0; g < groups; g++) {
      range(values, at + g * group, group, range);
      lowest[g] = range[0];
      highest[g] = range[1];
    }
  }

  /**
   * The largest magnitude of each group, in {@code highest}, and its negative in {@code lowest}; of
   * groups that follow each other.
   */
  default void peaks(
      float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    ranges(values, at, groups, group, lowest, highest);
    for (int g = 0; g < groups; g++) {
      highest[g] = Math.max(Math.abs(lowest[g]), Math.abs(highest[g]));
      lowest[g] = -highest[g];
    }
  }

  /**
   * Fits groups as {@link AffineFit#fitAll} does, from {@code from} on, and may leave some to the
   * caller.
   *
   * @return the first group that was not fitted
   */
  default int fit(
      boolean symmetric,
      int top,
      float[] lowest,
      float[] highest,
      int from,
      int groups,
      short[] parameters) {
    return from;
  }

  /** Packs {@code rows} rows of {@code count} codes, one behind the other on both sides. */
  default void packRows(
      byte[] codes, int rows, int count, int bits, MemorySegment target, long offset) {
    byte[] row = new byte[count];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(codes, i * count, row, 0, count);
      pack(row, count, bits, target, offset + (long) i * count * bits / Byte.SIZE);
    }
  }

  /** The reverse of {@link #packRows}. */
  default void unpackRows(
      MemorySegment source, long offset, int rows, int count, int bits, byte[] codes) {
    byte[] row = new byte[count];
    for (int i = 0; i < rows; i++) {
      unpack(source, offset + (long) i * count * bits / Byte.SIZE, count, bits, row);
      System.arraycopy(row, 0, codes, i * count, count);
    }
  }

  /**
   * Codes of groups that follow each other; group {@code g} has its zero and its inverse. Every
   * value has to lie in the range of its group's codes, as those do that {@link AffineFit} fitted:
   * codes need not be clamped.
   */
  default void quantizeGroups(
      float[] values,
      int at,
      int groups,
      int group,
      float[] zeros,
      float[] inverses,
      byte[] codes) {
    int top = AffineFit.top(Byte.SIZE, false);
    for (int g = 0; g < groups; g++) {
      int from = g * group;
      quantize(values, at + from, group, zeros[g], inverses[g], top, codes, from);
    }
  }

  /** Values of groups of codes of 8 bits that follow each other where they are stored. */
  default void readBytes(
      MemorySegment source,
      long offset,
      int groups,
      int group,
      float[] zeros,
      float[] scales,
      float[] values,
      int at) {
    for (int g = 0; g < groups; g++) {
      for (int i = g * group; i < (g + 1) * group; i++) {
        int code = Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, offset + i));
        values[at + i] = code * scales[g] + zeros[g];
      }
    }
  }

  /** Values of groups of codes that follow each other. */
  default void dequantizeGroups(
      byte[] codes, int groups, int group, float[] zeros, float[] scales, float[] values, int at) {
    for (int g = 0; g < groups; g++) {
      dequantize(codes, g * group, group, zeros[g], scales[g], values, at + g * group);
    }
  }
}
