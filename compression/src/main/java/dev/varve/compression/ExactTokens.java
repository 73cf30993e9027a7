package dev.varve.compression;

import dev.varve.store.Checks;

/**
 * Tokens of a section that are kept as they are: attention sinks at the front, the newest at the
 * end.
 */
public record ExactTokens(int first, int newest) {

  /** All tokens are encoded. */
  public static final ExactTokens NONE = new ExactTokens(0, 0);

  public ExactTokens {
    Checks.notNegative(first, "first exact tokens");
    Checks.notNegative(newest, "newest exact tokens");
  }

  /**
   * What is kept of {@code tokens} tokens when the rest is written in whole groups: what does not
   * fill a group stays exact too.
   */
  ExactTokens fitted(int tokens, int group) {
    int front = Math.min(first, tokens);
    int back = Math.min(newest, tokens - front);
    int coded = (tokens - front - back) / group * group;
    return new ExactTokens(front, tokens - front - coded);
  }

  /** Tokens that are encoded. */
  int coded(int tokens) {
    return tokens - first - newest;
  }
}
