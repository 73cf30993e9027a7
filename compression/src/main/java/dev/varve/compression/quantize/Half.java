package dev.varve.compression.quantize;

/**
 * Rounding to binary16 in one direction, so that a rounded range still contains the range it was
 * made of.
 */
public final class Half {
  private static final int SIGN = 0x8000;

  private Half() {}

  /** The largest binary16 that is not above {@code value}; minus infinity below them all. */
  public static float down(double value) {
    return -up(-value);
  }

  /** The smallest binary16 that is not below {@code value}; infinity above them all. */
  public static float up(double value) {
    return Float.float16ToFloat(upBits(value));
  }

  /** {@link #up} as it is stored. */
  static short upBits(double value) {
    short nearest = Float.floatToFloat16((float) value);
    return Float.float16ToFloat(nearest) < value ? next(nearest) : nearest;
  }

  /** {@link #down} as it is stored; zeros keep the sign of the number. */
  static short downBits(double value) {
    return (short) (upBits(-value) ^ SIGN);
  }

  /** The binary16 above {@code half}, which is not infinity. */
  private static short next(short half) {
    int bits = Short.toUnsignedInt(half);
    if (bits == SIGN) {
      return 1;
    }
    return (short) ((bits & SIGN) != 0 ? bits - 1 : bits + 1);
  }
}
