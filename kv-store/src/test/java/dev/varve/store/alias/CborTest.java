package dev.varve.store.alias;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected bytes from RFC 8949, appendix A, unless a test says otherwise. */
class CborTest {

  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "10, 0a",
    "23, 17",
    "24, 1818",
    "25, 1819",
    "100, 1864",
    "1000, 1903e8",
    "1000000, 1a000f4240",
    "1000000000000, 1b000000e8d4a51000",
    "-1, 20",
    "-10, 29",
    "-100, 3863",
    "-1000, 3903e7",
  })
  void writesIntegersInTheirShortestForm(long value, String hex) {
    assertThat(hex(new Cbor().integer(value))).isEqualTo(hex);
  }

  /** The edges between the widths, by the rules of RFC 8949, section 3. */
  @ParameterizedTest
  @CsvSource({
    "255, 18ff",
    "256, 190100",
    "65535, 19ffff",
    "65536, 1a00010000",
    "4294967295, 1affffffff",
    "4294967296, 1b0000000100000000",
    "9223372036854775807, 1b7fffffffffffffff",
    "-24, 37",
    "-25, 3818",
    "-256, 38ff",
    "-257, 390100",
    "-9223372036854775808, 3b7fffffffffffffff",
  })
  void changesWidthExactlyWhereTheShorterOneEnds(long value, String hex) {
    assertThat(hex(new Cbor().integer(value))).isEqualTo(hex);
  }

  @Test
  void writesByteStrings() {
    assertThat(hex(new Cbor().bytes(new byte[0]))).isEqualTo("40");
    assertThat(hex(new Cbor().bytes(new byte[] {1, 2, 3, 4}))).isEqualTo("4401020304");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 60",
    "a, 6161",
    "IETF, 6449455446",
    "'\"\\', 62225c",
    "\u00fc, 62c3bc",
    "\u6c34, 63e6b0b4",
    "\ud800\udd51, 64f0908591",
  })
  void writesTextAsUtf8(String value, String hex) {
    assertThat(hex(new Cbor().text(value))).isEqualTo(hex);
  }

  @Test
  void countsTheLengthOfTextInBytes() {
    String hex = hex(new Cbor().text("\u6c34".repeat(9)));
    assertThat(hex).startsWith("781be6b0b4").hasSize(2 * (2 + 27));
  }

  @Test
  void writesArraysInsideArrays() {
    assertThat(hex(new Cbor().array(0))).isEqualTo("80");
    assertThat(hex(new Cbor().array(3).integer(1).integer(2).integer(3))).isEqualTo("83010203");
    Cbor nested = new Cbor().array(3).integer(1).array(2).integer(2).integer(3);
    assertThat(hex(nested.array(2).integer(4).integer(5))).isEqualTo("8301820203820405");
  }

  @Test
  void writesTheHeadOfAnArrayOfTwentyFive() {
    Cbor cbor = new Cbor().array(25);
    for (int i = 1; i <= 25; i++) {
      cbor.integer(i);
    }
    assertThat(hex(cbor)).isEqualTo("98190102030405060708090a0b0c0d0e0f101112131415161718181819");
  }

  @Test
  void writesNull() {
    assertThat(hex(new Cbor().nothing())).isEqualTo("f6");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud800", "a\udc00b"})
  void refusesHalfASurrogatePairInsteadOfReplacingIt(String value) {
    Cbor cbor = new Cbor();
    assertThatThrownBy(() -> cbor.text(value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(value.length() + " characters")
        .hasMessageContaining("surrogate");
    assertThat(cbor.toBytes()).isEmpty();
  }

  private static String hex(Cbor cbor) {
    return HexFormat.of().formatHex(cbor.toBytes());
  }
}
