package dev.varve.eviction.text;

import dev.varve.eviction.Aftercare;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.LowPrecision;
import dev.varve.eviction.budget.Budget;
import dev.varve.eviction.budget.BudgetAllocator;
import dev.varve.eviction.budget.HeadAllocator;
import dev.varve.eviction.budget.LayerAllocator;
import dev.varve.eviction.budget.LayeredAllocator;
import dev.varve.eviction.budget.UniformHeads;
import dev.varve.eviction.budget.UniformLayers;
import dev.varve.eviction.merge.Merger;
import dev.varve.eviction.online.OnlineEviction;
import dev.varve.eviction.score.RecencyScorer;
import dev.varve.eviction.score.TokenScorer;
import dev.varve.eviction.select.Protection;
import dev.varve.eviction.select.SecondStage;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** A policy while its text is read: the method fills it, wrappers change it. */
final class PolicyDraft {
  private TokenScorer scorer = new RecencyScorer();
  private Optional<SecondStage> stage = Optional.empty();
  private Optional<Budget> budget = Optional.empty();
  private LayerAllocator layers = new UniformLayers();
  private HeadAllocator heads = new UniformHeads();
  private Optional<BudgetAllocator> whole = Optional.empty();
  private Protection protection = Protection.none();
  private Optional<Merger> merger = Optional.empty();
  private boolean renumber;
  private OptionalInt every = OptionalInt.empty();
  private Optional<Function<Protection, OnlineEviction>> rule = Optional.empty();
  private boolean online;
  private boolean parks;
  private LowPrecision low = LowPrecision.DROP;

  /** Reads the budget, which most methods need. */
  PolicyDraft budget(Options options) {
    String text =
        options.required("budget", "N, a number of tokens per KV head, or a ratio such as 0.25");
    budget = Optional.of(Budget.parse(text));
    return this;
  }

  PolicyDraft scorer(TokenScorer scorer) {
    this.scorer = scorer;
    return this;
  }

  TokenScorer scorer() {
    return scorer;
  }

  PolicyDraft stage(SecondStage stage) {
    if (this.stage.isPresent()) {
      throw new IllegalArgumentException("a policy has at most one second stage");
    }
    this.stage = Optional.of(stage);
    return this;
  }

  PolicyDraft layers(LayerAllocator layers) {
    this.layers = layers;
    return this;
  }

  PolicyDraft heads(HeadAllocator heads) {
    this.heads = heads;
    return this;
  }

  PolicyDraft allocator(BudgetAllocator whole) {
    this.whole = Optional.of(whole);
    return this;
  }

  /** Whether budgets may still be divided in another way. */
  void requireDivisible(String wrapper) {
    if (whole.isPresent() || budget.isEmpty()) {
      throw new IllegalArgumentException(
          wrapper + " divides a budget, but this method decides itself how much is kept");
    }
  }

  PolicyDraft protect(Protection more) {
    protection = protection.and(more);
    return this;
  }

  PolicyDraft merger(Merger merger) {
    if (this.merger.isPresent()) {
      throw new IllegalArgumentException("a policy has at most one merger");
    }
    this.merger = Optional.of(merger);
    return this;
  }

  PolicyDraft renumber() {
    renumber = true;
    return this;
  }

  PolicyDraft every(int tokens) {
    every = OptionalInt.of(tokens);
    return this;
  }

  /** What goes for each decoded token if the policy is asked to go on, given what is protected. */
  PolicyDraft rule(Function<Protection, OnlineEviction> rule) {
    this.rule = Optional.of(rule);
    return this;
  }

  PolicyDraft low(LowPrecision precision) {
    low = precision;
    return this;
  }

  PolicyDraft parks(boolean kept) {
    parks = kept;
    return this;
  }

  /** Has the policy go on after every decoded token. */
  PolicyDraft online() {
    if (rule.isEmpty()) {
      throw new IllegalArgumentException(
          "online goes on after every token, and this method, or an option of it, does not say"
              + " which one goes then: use decoding(every=N)");
    }
    online = true;
    return this;
  }

  private Aftercare afterwards() {
    return new Aftercare(
        renumber,
        every,
        rule.filter(some -> online).map(some -> some.apply(protection)),
        parks,
        low);
  }

  EvictionPolicy finish(String text) {
    if (online && every.isPresent()) {
      throw new IllegalArgumentException(
          text
              + ": online goes on after every token, so decoding has nothing to do: leave one out");
    }
    if (low != LowPrecision.DROP && (merger.isPresent() || renumber)) {
      throw new IllegalArgumentException(
          text + ": tokens that stay in few bits are neither merged nor turned: leave one out");
    }
    int least = protection.kept() + merger.map(Merger::extraSlots).orElse(0);
    if (budget.isPresent() && budget.get() instanceof Budget.Tokens(int count) && count < least) {
      throw new IllegalArgumentException(
          ("%s: a budget of %d is below the %d tokens that are always kept (sinks, window, extra"
                  + " slots): raise it or lower those")
              .formatted(text, count, least));
    }
    BudgetAllocator allocator = whole.orElseGet(() -> new LayeredAllocator(layers, heads));
    return new EvictionPolicy(
        text, scorer, stage, budget, allocator, protection, merger, afterwards());
  }
}
