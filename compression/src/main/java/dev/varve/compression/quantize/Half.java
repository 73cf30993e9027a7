package dev.varve.compression.quantize;

/**
 * Rounding to binary16 in one direction, so that a rounded range still contains the range it was
 * made of.
 */
public final class Half {
  private static final int SIGN = 0x8000;
  private static final int POSITIVE_INFINITY = 0x7c00;

  private Half() {}

  /** The largest binary16 that is not above {@code value}; minus infinity below them all. */
  public static float down(double value) {
    return -up(-value);
  }

  /** The smallest binary16 that is not below {@code value}; infinity above them all. */
  public static float up(double value) {
    short nearest = Float.floatToFloat16((float) value);
    float rounded = Float.float16ToFloat(nearest);
    return rounded < value ? Float.float16ToFloat(next(nearest)) : rounded;
  }

  /** The binary16 above {@code half}, which is not infinity. */
  private static short next(short half) {
    int bits = Short.toUnsignedInt(half);
    if (bits == SIGN) {
      return 1;
    }
    if ((bits & SIGN) != 0) {
      return (short) (bits - 1);
    }
    return (short) Math.min(bits + 1, POSITIVE_INFINITY);
  }
}
