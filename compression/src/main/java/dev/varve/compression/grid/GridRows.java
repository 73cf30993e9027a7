package dev.varve.compression.grid;

import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.compression.rotation.Hadamard;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;

/**
 * Rows with the elements of a token in all heads, on a grid: cut into parts as long as the largest
 * power of two, up to 1,024, that divides the row; each part rotated, made as long as one of
 * standard normal numbers, and cut into pairs, which become the nearest point of {@link PlaneGrid}.
 * The scale of a part is the one of least squared error. What is written is the difference from a
 * prediction, but for parts that it would make longer: their scale has the sign bit.
 *
 * <p>{@code [tokens][parts]} scales in binary16, then {@code [tokens]} rows of codes; a row of
 * codes of 6 bits is the lower four bits of all, then the upper two. For one thread at a time.
 */
public final class GridRows {
  private static final int LONGEST_PART = 1024;
  private static final float LARGEST_SCALE = 65504f;

  /** Shorter parts become zero: their scale would be no binary16. */
  private static final double SHORTEST = 0x1p-30;

  private static final int SIGN = 0x8000;
  private static final int EXPONENT = 0x7c00;

  private final int bits;
  private final int channels;
  private final int part;
  private final PlaneGrid grid;
  private final Hadamard rotation;
  private final QuantizeKernel kernel;
  private final double root;
  private final float[] turned;
  private final byte[] codes;
  private final byte[] upper;

  /**
   * Rows of sections of {@code shape}.
   *
   * @param format names the format in errors
   * @throws IllegalArgumentException if rows do not divide into parts of at least eight
   */
  public GridRows(String format, int bits, SectionShape shape, Backend backend) {
    this.bits = bits;
    this.channels = shape.channels();
    this.part = part(channels);
    if (part < Byte.SIZE) {
      throw new IllegalArgumentException(
          "%s: a token's %d elements must be a multiple of 8".formatted(format, channels));
    }
    this.grid = PlaneGrid.of(bits);
    this.rotation = new Hadamard(part);
    this.kernel = QuantizeKernel.of(backend);
    this.root = Math.sqrt(part);
    this.turned = new float[part];
    this.codes = new byte[channels / 2];
    this.upper = new byte[channels / 2];
  }

  /** Elements that share a scale in rows of {@code channels}. */
  public static int part(int channels) {
    return Math.min(LONGEST_PART, Integer.lowestOneBit(channels));
  }

  /** {@code bits + 16 / part}. */
  public static double bitsPerValue(int bits, SectionShape shape) {
    return bits + (double) Short.SIZE / part(shape.channels());
  }

  /** Bytes of {@code tokens} rows. */
  public long bytes(int tokens) {
    return rowOffset(tokens, tokens);
  }

  private long scaleOffset(int token, int number) {
    return ((long) token * (channels / part) + number) * Short.BYTES;
  }

  private long rowOffset(int tokens, int token) {
    return scaleOffset(tokens, 0) + (long) token * channels * bits / Byte.SIZE;
  }

  /**
   * Writes a row.
   *
   * @param row the elements of all heads
   * @param predicted what the row is expected to be; zeros where nothing is
   * @return whether all scales are within binary16
   */
  public boolean write(
      float[] row, float[] predicted, int at, int token, int tokens, MemorySegment target) {
    for (int number = 0; number < channels / part; number++) {
      int half = code(row, predicted, at, number * part);
      if (half < 0) {
        return false;
      }
      target.set(DtypeLayouts.SHORT, scaleOffset(token, number), (short) half);
    }
    pack(target, rowOffset(tokens, token));
    return true;
  }

  /** Makes the codes of a part; returns its scale as it is stored, negative if there is none. */
  private int code(float[] row, float[] predicted, int at, int from) {
    double plain = 0;
    double squares = 0;
    for (int i = from; i < from + part; i++) {
      float difference = row[i] - predicted[at + i];
      plain += (double) row[i] * row[i];
      squares += (double) difference * difference;
    }
    boolean expected = squares <= plain;
    for (int i = 0; i < part; i++) {
      turned[i] = expected ? row[from + i] - predicted[at + from + i] : row[from + i];
    }
    double length = Math.sqrt(expected ? squares : plain);
    if (!(length <= LARGEST_SCALE * root)) {
      return -1;
    }
    rotation.rotate(turned, 0);
    float scale = (float) (nearest(from, length) * length / root);
    if (scale > LARGEST_SCALE) {
      return -1;
    }
    int half = Short.toUnsignedInt(Float.floatToFloat16(scale));
    return expected ? half : half | SIGN;
  }

  /** Picks the points of the turned part; returns the factor that brings them closest to it. */
  private double nearest(int from, double length) {
    float unit = length < SHORTEST ? 0 : (float) (root / length);
    double product = 0;
    double squares = 0;
    for (int i = 0; i < part; i += 2) {
      float x = turned[i] * unit;
      float y = turned[i + 1] * unit;
      int point = grid.nearest(x, y);
      codes[(from + i) / 2] = (byte) point;
      float first = grid.first(point);
      float second = grid.second(point);
      product += (double) x * first + (double) y * second;
      squares += (double) first * first + (double) second * second;
    }
    return unit == 0 ? 0 : Math.max(0, product / squares);
  }

  /**
   * Reads a row.
   *
   * @param predicted what the row was expected to be, from {@code at} on
   * @return whether its scales are numbers
   */
  public boolean read(
      MemorySegment source, int tokens, int token, float[] predicted, int at, float[] row) {
    unpack(source, rowOffset(tokens, token));
    for (int number = 0; number < channels / part; number++) {
      short half = source.get(DtypeLayouts.SHORT, scaleOffset(token, number));
      if ((half & EXPONENT) == EXPONENT) {
        return false;
      }
      float scale = Math.abs(Float.float16ToFloat(half));
      int from = number * part;
      for (int i = 0; i < part; i += 2) {
        int point = Byte.toUnsignedInt(codes[(from + i) / 2]);
        row[from + i] = grid.first(point) * scale;
        row[from + i + 1] = grid.second(point) * scale;
      }
      rotation.rotateBack(row, from);
      if ((half & SIGN) == 0) {
        for (int i = from; i < from + part; i++) {
          row[i] += predicted[at + i];
        }
      }
    }
    return true;
  }

  private void pack(MemorySegment target, long offset) {
    if (bits != 3) {
      kernel.pack(codes, codes.length, 2 * bits, target, offset);
      return;
    }
    for (int i = 0; i < codes.length; i++) {
      upper[i] = (byte) (codes[i] >> 4);
      codes[i] &= 0xf;
    }
    kernel.pack(codes, codes.length, 4, target, offset);
    kernel.pack(upper, codes.length, 2, target, offset + codes.length / 2);
  }

  private void unpack(MemorySegment source, long offset) {
    if (bits != 3) {
      kernel.unpack(source, offset, codes.length, 2 * bits, codes);
      return;
    }
    kernel.unpack(source, offset, codes.length, 4, codes);
    kernel.unpack(source, offset + codes.length / 2, codes.length, 2, upper);
    for (int i = 0; i < codes.length; i++) {
      codes[i] |= (byte) (upper[i] << 4);
    }
  }
}
