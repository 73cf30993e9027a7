package dev.varve.cli.eval;

/**
 * A policy to evaluate.
 *
 * @param name as the report shows it
 * @param text as {@code docs/policy.md} has it
 */
public record PolicyChoice(String name, String text) {

  /** Shown as it is written. */
  public static PolicyChoice of(String text) {
    return new PolicyChoice(text, text);
  }
}
