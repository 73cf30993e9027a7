package dev.varve.compression.quantize;

/**
 * The 8-bit floats of "FP8 Formats for Deep Learning" (Micikevicius et al., 2022): one sign bit,
 * exponent, mantissa.
 */
public enum Float8 {
  /** Exponent 4 bits, mantissa 3: no infinities, NaN only at 0x7f and 0xff, largest 448. */
  E4M3(3, 7, 448, false),
  /** Exponent 5 bits, mantissa 2: as in IEEE 754, largest finite 57344. */
  E5M2(2, 15, 57344, true);

  private static final int SIGN = 0x80;
  private static final int NAN = 0x7f;

  private final int mantissaBits;
  private final int leastExponent;
  private final float largest;

  @SuppressWarnings("ImmutableEnumChecker") // filled once and never handed out
  private final float[] values = new float[256];

  Float8(int mantissaBits, int bias, float largest, boolean infinities) {
    this.mantissaBits = mantissaBits;
    this.leastExponent = 1 - bias;
    this.largest = largest;
    for (int code = 0; code < values.length; code++) {
      values[code] = value(code, infinities);
    }
  }

  /** The largest finite number. */
  public float largest() {
    return largest;
  }

  /** Bits of the mantissa that are stored. */
  public int mantissaBits() {
    return mantissaBits;
  }

  /** The number that {@code code} stands for. */
  public float decode(byte code) {
    return values[Byte.toUnsignedInt(code)];
  }

  /**
   * The nearest 8-bit float, ties to even; beyond the largest finite one that one; NaN stays NaN.
   */
  public byte encode(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 24 & SIGN;
    float magnitude = Math.abs(value);
    if (Float.isNaN(magnitude)) {
      return (byte) (sign | NAN);
    }
    magnitude = Math.min(magnitude, largest);
    int exponent = Math.max(Math.getExponent(magnitude), leastExponent);
    int steps = (int) Math.rint(magnitude / Math.scalb(1f, exponent - mantissaBits));
    return (byte) (sign | ((exponent - leastExponent) << mantissaBits) + steps);
  }

  private float value(int code, boolean infinities) {
    int magnitude = code & NAN;
    int exponent = magnitude >>> mantissaBits;
    int mantissa = magnitude & (1 << mantissaBits) - 1;
    float value =
        exponent == 0
            ? Math.scalb((float) mantissa, leastExponent - mantissaBits)
            : Math.scalb(
                (float) ((1 << mantissaBits) + mantissa),
                exponent - 1 + leastExponent - mantissaBits);
    if (value > largest) {
      value = infinities && mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    }
    return (code & SIGN) == 0 ? value : -value;
  }
}
