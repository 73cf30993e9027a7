package dev.varve.store.text;

/**
 * How many tokens a policy may keep or read: a number of them, or below 1 a share of those there
 * are.
 *
 * @param value a whole number of at least 1, or a number above 0 and below 1
 */
public record TokenBudget(double value) {
  private static final String RULE =
      "a budget must be a whole number of tokens from 1 on, or a share above 0 and below 1";

  public TokenBudget {
    boolean share = value > 0 && value < 1;
    boolean whole = value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value);
    if (!share && !whole) {
      throw new IllegalArgumentException(RULE + ": " + value);
    }
  }

  /** So many tokens. */
  public static TokenBudget tokens(int count) {
    return new TokenBudget(count);
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException if it is no budget
   */
  public static TokenBudget parse(String text) {
    try {
      return new TokenBudget(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(RULE + ": '" + text + "'", e);
    }
  }

  /** The budget where there are {@code tokens} of them: at most so many, at least 1 of any. */
  public int of(int tokens) {
    long wanted = value < 1 ? Math.max(1, Math.round(value * tokens)) : (long) value;
    return (int) Math.min(tokens, wanted);
  }

  @Override
  public String toString() {
    return value < 1 ? Double.toString(value) : Long.toString((long) value);
  }
}
