package dev.varve.sidecar.resp;

import java.util.OptionalLong;

/** Whole numbers as Redis reads them: no plus sign, no leading zeros, no blanks, 64 bits. */
public final class Decimal {

  private static final int LONGEST = 20;

  private Decimal() {}

  /** The number that all of {@code bytes} spell. */
  public static OptionalLong parse(byte[] bytes) {
    return parse(bytes, 0, bytes.length);
  }

  /** The number that the bytes from {@code from} to {@code to} spell. */
  public static OptionalLong parse(byte[] bytes, int from, int to) {
    if (to <= from || to - from > LONGEST) {
      return OptionalLong.empty();
    }
    boolean negative = bytes[from] == '-';
    int first = negative ? from + 1 : from;
    if (first == to || (bytes[first] == '0' && (negative || to - first > 1))) {
      return OptionalLong.empty();
    }
    long value = 0;
    for (int at = first; at < to; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
        return OptionalLong.empty();
      }
      value = value * 10 - digit;
    }
    if (!negative && value == Long.MIN_VALUE) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(negative ? value : -value);
  }
}
