package dev.varve.compression.quantize;

import dev.varve.store.Checks;

/**
 * Which tokens KIVI (Liu et al., 2024) keeps in full precision while a sequence grows. Keys are
 * written {@code tokens} at a time as soon as so many have gathered, so that the rest saws between
 * none and {@code tokens - 1}; of the values exactly the newest {@code tokens} stay.
 *
 * <p>Where blocks are sealed as they fill, the open block is this window for keys.
 *
 * @param tokens width, a multiple of the keys' group
 */
public record ResidualWindow(int tokens) {

  public ResidualWindow {
    Checks.positive(tokens, "tokens of the window");
  }

  /** Newest keys that stay of {@code total} tokens. */
  public int exactKeys(int total) {
    return total % tokens;
  }

  /** Newest values that stay of {@code total} tokens. */
  public int exactValues(int total) {
    return Math.min(total, tokens);
  }
}
