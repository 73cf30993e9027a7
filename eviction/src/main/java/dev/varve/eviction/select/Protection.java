package dev.varve.eviction.select;

import dev.varve.store.Checks;

/**
 * Tokens that are kept, or dropped, whatever they score.
 *
 * @param sinks first tokens, always kept
 * @param recent last tokens, always kept
 * @param lookahead tokens after these that a draft model has guessed, always dropped
 */
public record Protection(int sinks, int recent, int lookahead) {

  public Protection {
    Checks.notNegative(sinks, "sinks");
    Checks.notNegative(recent, "recent");
    Checks.notNegative(lookahead, "lookahead");
  }

  /** Nothing is protected. */
  public static Protection none() {
    return new Protection(0, 0, 0);
  }

  /** Both ends. */
  public static Protection of(int sinks, int recent) {
    return new Protection(sinks, recent, 0);
  }

  /** At least as much as both. */
  public Protection and(Protection other) {
    return new Protection(
        Math.max(sinks, other.sinks),
        Math.max(recent, other.recent),
        Math.max(lookahead, other.lookahead));
  }

  /** How many tokens are always kept. */
  public int kept() {
    return sinks + recent;
  }

  /** Tokens of {@code tokens} that may be kept at all. */
  public int available(int tokens) {
    return tokens - lookahead;
  }

  /** End of the tokens that compete, which begin at {@link #sinks}. */
  public int end(int tokens) {
    return tokens - lookahead - recent;
  }
}
