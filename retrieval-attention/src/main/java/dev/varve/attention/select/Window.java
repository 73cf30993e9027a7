package dev.varve.attention.select;

import dev.varve.store.Checks;
import dev.varve.store.text.TokenBudget;

/**
 * What is read beside the picks, and how many picks there are.
 *
 * @param init first tokens, always read (attention sinks)
 * @param local newest tokens, always read, the step's own included
 * @param picks tokens that the index may pick
 */
public record Window(int init, int local, TokenBudget picks) {

  public Window {
    Checks.notNegative(init, "init");
    Checks.notNegative(local, "local");
  }
}
