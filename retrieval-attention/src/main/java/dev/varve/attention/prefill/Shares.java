package dev.varve.attention.prefill;

/** Checks of shares. */
final class Shares {
  private Shares() {}

  /** Returns {@code value} if it lies from 0 to 1; NaN does not. */
  static double require(double value, String name) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " must lie between 0 and 1: " + value);
    }
    return value;
  }
}
