package dev.varve.eviction.budget;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much is kept per KV head, on average over the heads: tokens, or a share of the tokens. */
public sealed interface Budget {

  /** A number of tokens, at least 1. */
  record Tokens(int count) implements Budget {
    public Tokens {
      if (count < 1) {
        throw new IllegalArgumentException("budget must be at least 1 token: " + count);
      }
    }

    @Override
    public String toString() {
      return Integer.toString(count);
    }
  }

  /** A share of the tokens, above 0 and at most 1. */
  record Ratio(double share) implements Budget {
    public Ratio {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException(
            "budget must be a whole number of tokens from 1 on or a ratio above 0 and at most 1: "
                + share);
      }
    }

    @Override
    public String toString() {
      return Double.toString(share);
    }
  }

  /** Digits alone are tokens, a number with a point or an exponent is a ratio. */
  static Budget parse(String text) {
    Matcher whole = Pattern.compile("[+-]?\\d+").matcher(text);
    try {
      return whole.matches() ? new Tokens(Integer.parseInt(text)) : new Ratio(number(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "budget must be a whole number of tokens from 1 to 2147483647 or a ratio above 0 and at"
              + " most 1: "
              + text,
          e);
    }
  }

  private static double number(String text) {
    if (!text.matches("[-+0-9.eE]+")) {
      throw new NumberFormatException(text);
    }
    return Double.parseDouble(text);
  }

  /**
   * Tokens to keep of {@code tokens}; at least 1.
   *
   * @throws IllegalArgumentException if that is more than there are
   */
  default int of(int tokens) {
    return switch (this) {
      case Tokens(int count) -> {
        if (count > tokens) {
          throw new IllegalArgumentException(
              "budget=%d is above the %d tokens that there are: give at most %d, or a ratio"
                  .formatted(count, tokens, tokens));
        }
        yield count;
      }
      // A share that is a decimal fraction of the tokens must not lose one to its binary rounding.
      case Ratio(double share) -> Math.clamp((long) Math.floor(share * tokens + 1e-9), 1, tokens);
    };
  }

  /** Whether {@code tokens} are more than this keeps. */
  default boolean below(int tokens) {
    return switch (this) {
      case Tokens(int count) -> count < tokens;
      case Ratio ratio -> ratio.of(tokens) < tokens;
    };
  }
}
