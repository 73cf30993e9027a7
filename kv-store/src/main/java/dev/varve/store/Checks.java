package dev.varve.store;

/** One-line argument checks that return their argument and name the value and the limit. */
public final class Checks {
  private Checks() {}

  /** Returns {@code value} if it is at least 1. */
  public static int positive(int value, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be at least 1: " + value);
    }
    return value;
  }

  /** Returns {@code value} if it is at least 1. */
  public static long positive(long value, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be at least 1: " + value);
    }
    return value;
  }

  /** Returns {@code value} if it is at least 0. */
  public static int notNegative(int value, String name) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must not be negative: " + value);
    }
    return value;
  }

  /** Returns {@code value} if it is a finite number. */
  public static float finite(float value, String name) {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException(name + " must be a finite number: " + value);
    }
    return value;
  }

  /** Returns {@code value} if it lies in {@code [from, to]}. */
  public static int inRange(int value, int from, int to, String name) {
    if (value < from || value > to) {
      throw new IllegalArgumentException(
          name + " must lie between " + from + " and " + to + ": " + value);
    }
    return value;
  }
}
