package dev.varve.compression.calibrated;

import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
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
  VALUE_LEVELS_4(9),
  /**
   * {@code [channels of the earlier layer][channels]} weights of keys before RoPE, then {@code
   * [channels]} biases; in f16.
   */
  KEY_PREDICTOR(10, Dtype.F16),
  /**
   * {@code [channels of the keys, then those of the earlier layer's values][channels]} weights of
   * values, then {@code [channels]} biases; in f16.
   */
  VALUE_PREDICTOR(11, Dtype.F16);

  private final int number;
  private final Dtype dtype;

  TableKind(int number) {
    this(number, Dtype.F32);
  }

  TableKind(int number, Dtype dtype) {
    this.number = number;
    this.dtype = dtype;
  }

  /** Whether numbers are stored as f16: an even number of them. */
  public boolean halves() {
    return dtype == Dtype.F16;
  }

  /** Numbers in a stored word of four bytes. */
  int perWord() {
    return Float.BYTES / dtype.bytes();
  }

  /** Stored words of so many numbers. */
  int words(int numbers) {
    if (numbers % perWord() != 0) {
      throw new IllegalArgumentException(
          "table %s must have an even number of numbers: %d".formatted(text(), numbers));
    }
    return numbers / perWord();
  }

  /** Reads and writes numbers as they are stored. */
  DtypeKernel dtypeKernel() {
    return DtypeKernel.of(Backend.SCALAR, dtype);
  }

  /** These numbers as they come back from where they are stored. */
  float[] rounded(float[] numbers) {
    float[] kept = numbers.clone();
    for (int i = 0; i < kept.length && halves(); i++) {
      kept[i] = Float.float16ToFloat(Float.floatToFloat16(kept[i]));
    }
    return kept;
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
