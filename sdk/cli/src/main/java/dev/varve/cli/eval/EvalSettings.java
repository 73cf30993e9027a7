package dev.varve.cli.eval;

import dev.varve.store.Checks;

/**
 * How large an evaluation is.
 *
 * @param promptTokens tokens of each prompt before its question
 * @param lossTokens tokens behind a prompt whose loss is measured
 * @param passages prompts of plain prose, for loss, attention error and mass
 * @param documents prompts with facts, for needles
 * @param seed draws passages and documents
 */
public record EvalSettings(
    int promptTokens, int lossTokens, int passages, int documents, long seed) {

  public EvalSettings {
    Checks.positive(promptTokens, "prompt tokens");
    Checks.positive(lossTokens, "loss tokens");
    Checks.positive(passages, "passages");
    Checks.positive(documents, "documents");
  }
}
