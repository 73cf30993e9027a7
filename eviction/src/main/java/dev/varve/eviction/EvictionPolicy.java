package dev.varve.eviction;

import dev.varve.eviction.budget.Budget;
import dev.varve.eviction.budget.BudgetAllocator;
import dev.varve.eviction.merge.Merger;
import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.score.TokenScorer;
import dev.varve.eviction.select.Protection;
import dev.varve.eviction.select.SecondStage;
import java.util.Optional;

/**
 * A way to forget: one choice for each role. An immutable value; sessions share it without sharing
 * any state.
 *
 * @param text its one-line form, every option written out
 * @param scorer how much tokens matter
 * @param stage a second opinion for a part of the places
 * @param budget how much is kept; empty if the allocator finds that itself
 * @param allocator who gets how much
 * @param protection what is kept whatever it scores
 * @param merger what becomes of the others; they are dropped if there is none
 * @param after what happens to the kept rows, and when again
 */
public record EvictionPolicy(
    String text,
    TokenScorer scorer,
    Optional<SecondStage> stage,
    Optional<Budget> budget,
    BudgetAllocator allocator,
    Protection protection,
    Optional<Merger> merger,
    Aftercare after) {

  /** What it must see. */
  public Needs needs() {
    Needs needs = scorer.needs();
    return stage.isPresent() ? needs.and(stage.get().needs()) : needs;
  }

  /** Whether it would forget something of {@code tokens} tokens. */
  public boolean forgets(int tokens) {
    return budget.isEmpty() || budget.get().below(tokens);
  }

  @Override
  public String toString() {
    return text;
  }
}
