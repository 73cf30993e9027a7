package dev.varve.sidecar;

import java.util.HexFormat;
import java.util.function.LongSupplier;

/** The identity of one run of a server: 40 hexadecimal digits, as Redis has them. */
final class RunId {

  private static final int DIGITS = 40;

  private RunId() {}

  static String of(LongSupplier random) {
    StringBuilder digits = new StringBuilder();
    while (digits.length() < DIGITS) {
      digits.append(HexFormat.of().toHexDigits(random.getAsLong()));
    }
    return digits.substring(0, DIGITS);
  }
}
