package dev.varve.compression.calibrated;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a calibrated table says. Numbers and names are stored and never change their meaning; {@code
 * docs/formats/calibration.md} specifies them. {@code channels} are {@code heads * dim}, channel
 * {@code head * dim + element}.
 */
public enum TableKind {
  /** By channel: divisors that make the channels of keys alike. */
  KEY_FACTORS(1),
  /** By channel: the middle of a key before RoPE. */
  KEY_MIDDLES(2),
  /** By channel: how far a key before RoPE lies from the middle at most, but for outliers. */
  KEY_REACHES(3),
  /** Four levels of keys between -1 and 1, ascending. */
  KEY_LEVELS_2(4),
  /** Eight of them. */
  KEY_LEVELS_3(5),
  /** Sixteen of them. */
  KEY_LEVELS_4(6),
  /** Four levels of values between -1 and 1, ascending. */
  VALUE_LEVELS_2(7),
  /** Eight of them. */
  VALUE_LEVELS_3(8),
  /** Sixteen of them. */
  VALUE_LEVELS_4(9);

  private final int number;

  TableKind(int number) {
    this.number = number;
  }

  /** The stored number. */
  public int number() {
    return number;
  }

  /** The name in files: lower case. */
  public String text() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The kind with this stored number, if this program knows it. */
  public static Optional<TableKind> of(int number) {
    return Arrays.stream(values()).filter(kind -> kind.number == number).findFirst();
  }

  /** The kind with this name, if this program knows it. */
  public static Optional<TableKind> named(String text) {
    return Arrays.stream(values()).filter(kind -> kind.text().equals(text)).findFirst();
  }

  /** Levels of codes of {@code bits} bits. */
  static TableKind levels(boolean keys, int bits) {
    return of((keys ? KEY_LEVELS_2 : VALUE_LEVELS_2).number + bits - 2).orElseThrow();
  }
}
