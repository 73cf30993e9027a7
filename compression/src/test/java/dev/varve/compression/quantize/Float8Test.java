package dev.varve.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Float8Test {
  @ParameterizedTest
  @EnumSource(Float8.class)
  void givesEveryCodeBack(Float8 type) {
    for (int code = 0; code < 256; code++) {
      float value = type.decode((byte) code);
      if (Float.isFinite(value)) {
        assertThat(type.encode(value)).as("code %02x", code).isEqualTo((byte) code);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Float8.class)
  void hasTheNumbersOfItsTable(Float8 type) {
    int infinities = 0;
    int nans = 0;
    float least = Float.MAX_VALUE;
    for (int code = 0; code < 256; code++) {
      float value = type.decode((byte) code);
      infinities += Float.isInfinite(value) ? 1 : 0;
      nans += Float.isNaN(value) ? 1 : 0;
      least = value > 0 ? Math.min(least, value) : least;
    }
    boolean e4m3 = type == Float8.E4M3;
    assertThat(infinities).isEqualTo(e4m3 ? 0 : 2);
    assertThat(nans).isEqualTo(e4m3 ? 2 : 6);
    assertThat(least).isEqualTo(e4m3 ? 0x1p-9f : 0x1p-16f);
    assertThat(type.decode((byte) (e4m3 ? 0x7e : 0x7b))).isEqualTo(e4m3 ? 448f : 57344f);
    assertThat(type.decode((byte) (e4m3 ? 0x38 : 0x3c))).isEqualTo(1f);
  }

  /** All 65,536 binary16 numbers against a search for the nearest of all codes, ties to even. */
  @ParameterizedTest
  @EnumSource(Float8.class)
  void roundsEveryHalfToTheNearestEvenOnTies(Float8 type) {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Float.float16ToFloat((short) bits);
      byte code = type.encode(value);
      if (Float.isNaN(value)) {
        assertThat(type.decode(code)).isNaN();
      } else if (Math.abs(value) >= type.largest()) {
        assertThat(type.decode(code)).isEqualTo(Math.copySign(type.largest(), value));
      } else {
        assertThat(code).as("%s", value).isEqualTo(nearest(type, value));
      }
    }
  }

  private static byte nearest(Float8 type, float value) {
    int sign = Float.floatToRawIntBits(value) < 0 ? 0x80 : 0;
    int best = sign;
    for (int code = sign + 1; code < sign + 0x80; code++) {
      double distance = Math.abs((double) type.decode((byte) code) - value);
      double shortest = Math.abs((double) type.decode((byte) best) - value);
      if (distance < shortest || (distance == shortest && code % 2 == 0)) {
        best = code;
      }
    }
    return (byte) best;
  }

  /** 2^-4 of normal numbers for E4M3, 2^-3 for E5M2; half the smallest step below them. */
  @ParameterizedTest
  @EnumSource(Float8.class)
  void keepsTheRelativeErrorOfItsMantissa(Float8 type) {
    float leastNormal = type == Float8.E4M3 ? 0x1p-6f : 0x1p-14f;
    for (float value = 0x1p-20f; value < type.largest(); value *= 1.001f) {
      float error = Math.abs(type.decode(type.encode(value)) - value);
      float allowed =
          value < leastNormal
              ? leastNormal * (type == Float8.E4M3 ? 0x1p-4f : 0x1p-3f)
              : value * (type == Float8.E4M3 ? 0x1p-4f : 0x1p-3f);
      assertThat(error).as("%s", value).isLessThanOrEqualTo(allowed);
    }
  }
}
