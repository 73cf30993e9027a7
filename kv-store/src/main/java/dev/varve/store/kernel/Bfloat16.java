package dev.varve.store.kernel;

/** The upper half of a binary32: same exponent range, eight bits of precision. */
public final class Bfloat16 {
  private Bfloat16() {}

  /** The float that {@code bits} stand for; exact. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest bfloat16, ties to even; NaN stays a (quiet) NaN. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
