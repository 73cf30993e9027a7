package dev.varve.sdk.forgetting;

import dev.varve.compression.Codecs;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.budget.Budget;
import dev.varve.eviction.head.HeadMapAllocator;
import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.online.OnlineEviction;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Backend;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Forgets as an {@link EvictionPolicy} says: at the end of every prompt, again after so many
 * decoded tokens, or one row for each, where the policy asks for that, and whenever a head holds
 * more rows than a cap.
 *
 * <p>Each time the policy judges what is left and what is new, and the budget counts all of that; a
 * ratio is one of the tokens seen so far. Rows that were merged before are kept as they are, within
 * the budget as far as it reaches. Where an earlier forgetting left heads with different numbers of
 * rows, they keep the shares that they had. A session forgets nothing as long as it holds fewer
 * rows than the budget, or fewer tokens or queries than the policy looks at. One instance per
 * session.
 */
public final class EvictionForgetting implements Forgetting {

  private final EvictionPolicy policy;
  private final boolean parks;
  private final OptionalInt cap;
  private final Gifts gifts;
  private int decidedAt;

  /**
   * What the engine gives beyond keys, values and queries.
   *
   * @param signals whether it tells what {@link SessionSignals} takes, and runs drafts
   * @param projections the output projections, if it gives them
   */
  private record Gifts(boolean signals, Optional<OutputProjections> projections) {}

  private EvictionForgetting(
      EvictionPolicy policy, boolean parks, OptionalInt cap, Gifts gifts, int decidedAt) {
    this.policy = policy;
    this.parks = parks;
    this.cap = cap;
    this.gifts = gifts;
    this.decidedAt = decidedAt;
  }

  /**
   * Forgets as a policy in its one-line form says, such as {@code snapkv(budget=1024,window=32)}.
   *
   * @throws IllegalArgumentException one sentence: what is wrong, the limit, the nearest known name
   */
  public static EvictionForgetting parse(String text) {
    return of(EvictionPolicies.parse(text));
  }

  /** Forgets as {@code policy} says. */
  public static EvictionForgetting of(EvictionPolicy policy) {
    return new EvictionForgetting(
        policy, policy.after().parks(), OptionalInt.empty(), new Gifts(false, Optional.empty()), 0);
  }

  /**
   * The same, but chunks that the session no longer reads stay stored, far away, where a read
   * policy finds them. As the option {@code park=true} of the text.
   */
  public EvictionForgetting parking() {
    return new EvictionForgetting(policy, true, cap, gifts, decidedAt);
  }

  /**
   * The same, but it also forgets whenever a head holds more than {@code rows} rows after a step,
   * in the middle of a prompt too: a prompt of any length, given in chunks, then takes that memory
   * and a chunk more.
   */
  public EvictionForgetting capped(int rows) {
    Checks.positive(rows, "rows of the cap");
    return new EvictionForgetting(policy, parks, OptionalInt.of(rows), gifts, decidedAt);
  }

  /**
   * The same for an engine that tells what the policy asks for: signals through {@link
   * SessionSignals} ({@code kvzip}, {@code specpc}), a draft's queries through {@link
   * dev.varve.sdk.LookAhead} ({@code speckv} with a {@code lookahead}). Until they are there
   * nothing is forgotten.
   */
  public EvictionForgetting signalled() {
    return new EvictionForgetting(
        policy, parks, cap, new Gifts(true, gifts.projections), decidedAt);
  }

  /** The same for an engine that gives its output projections ({@code critical}). */
  public EvictionForgetting projections(OutputProjections projections) {
    return new EvictionForgetting(
        policy, parks, cap, new Gifts(gifts.signals, Optional.of(projections)), decidedAt);
  }

  /** What it follows. */
  public EvictionPolicy policy() {
    return policy;
  }

  @Override
  public int queries() {
    int needed = EvictionRun.window(policy, attentionDecay().isPresent());
    return needed == Needs.ALL ? EVERY_QUERY : needed;
  }

  @Override
  public OptionalDouble attentionDecay() {
    return policy.scorer().decay();
  }

  @Override
  public Optional<OnlineEviction> online() {
    return policy.after().online();
  }

  @Override
  public int places(int layer, int kvHead, int rows, int decidedAt, int tokens) {
    if (policy.allocator() instanceof HeadMapAllocator streaming) {
      boolean full = streaming.map().isFull(layer, kvHead);
      return full ? Integer.MAX_VALUE : EvictionRun.places(policy, streaming, tokens);
    }
    if (policy.budget().isPresent() && policy.budget().get() instanceof Budget.Ratio ratio) {
      return (int) ((long) rows * ratio.of(tokens) / ratio.of(Math.max(1, decidedAt)));
    }
    return rows;
  }

  @Override
  public boolean parks() {
    return parks;
  }

  @Override
  public boolean merges() {
    return policy.merger().isPresent();
  }

  @Override
  public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
    decidedAt = Math.min(decidedAt, tokens);
    if (policy.protection().lookahead() > 0) {
      return false;
    }
    boolean period =
        policy.after().every().isPresent()
            && stepTokens == 1
            && tokens - decidedAt >= policy.after().every().getAsInt();
    boolean first = online().isPresent() && stepTokens == 1 && rows > firstPlaces(tokens);
    return lastOfPrompt || period || first || (cap.isPresent() && rows > cap.getAsInt());
  }

  /** Rows that are too many for a session that goes on forgetting and has not begun. */
  private int firstPlaces(int tokens) {
    if (policy.allocator() instanceof HeadMapAllocator streaming) {
      return EvictionRun.places(policy, streaming, tokens);
    }
    return policy.budget().isPresent() && policy.budget().get().below(tokens)
        ? policy.budget().get().of(tokens)
        : tokens;
  }

  @Override
  public KeepSets keep(SessionHistory history) {
    int ahead = policy.protection().lookahead();
    if (ahead != history.drafted()) {
      throw new IllegalArgumentException(
          "%s looks ahead by %d tokens of a draft, given are %d: run them in a LookAhead"
              .formatted(policy.text(), ahead, history.drafted()));
    }
    EvictionRun run = new EvictionRun(policy, history, decidedAt, gifts.projections);
    KeepSets kept = run.decide();
    decidedAt = run.untold() ? decidedAt : history.tokens() - history.drafted();
    return kept;
  }

  @Override
  public Forgetting fork() {
    return new EvictionForgetting(policy, parks, cap, gifts, decidedAt);
  }

  @Override
  public Optional<String> refusal(ModelShape shape) {
    for (Signal signal : policy.needs().signals()) {
      if (signal == Signal.PROJECTED_NORMS ? gifts.projections.isPresent() : gifts.signals) {
        continue;
      }
      return refused("needs " + signal.words() + ", which a session does not have");
    }
    int kvHeads = shape.layers().getFirst().kvHeads();
    Optional<String> unfit = policy.allocator().unfit(shape.layerCount(), kvHeads);
    if (unfit.isPresent()) {
      return Optional.of(
          "%s cannot be used by a session: %s".formatted(policy.text(), unfit.get()));
    }
    if (policy.scorer().sourceLayer(0) >= shape.layerCount()) {
      return refused(
          "scores with layer %d, the model has layers 0 to %d"
              .formatted(policy.scorer().sourceLayer(0), shape.layerCount() - 1));
    }
    if (policy.after().renumber()) {
      return refused(
          "turns kept keys to other positions, and the engine goes on counting from the true ones");
    }
    if (policy.protection().lookahead() > 0 && !gifts.signals) {
      return refused(
          "drops the last %d tokens as a draft's, and those of a session are real"
              .formatted(policy.protection().lookahead()));
    }
    Optional<String> uncoded = EvictionRun.low(policy).flatMap(low -> uncoded(low, shape));
    if (uncoded.isPresent()) {
      return refused(uncoded.get());
    }
    boolean alike = true;
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      alike &= shape.owns(layer) && shape.layers().get(layer).window() == 0;
    }
    if (!alike && policy.scorer().sourceLayer(0) != 0) {
      return refused(
          "has one layer choose for all, and the layers of this model do not see the same");
    }
    return Optional.empty();
  }

  /** Why layers of this model cannot be kept in few bits. */
  private static Optional<String> uncoded(Encoding low, ModelShape shape) {
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      LayerShape of = shape.layers().get(layer);
      if (shape.owns(layer) && of.valueIsPrefixOfKey()) {
        return Optional.of(
            "keeps tokens in few bits, and the values of layer " + layer + " are part of its keys");
      }
      try {
        BlockGeometry block = BlockGeometry.of(of, shape.dtype(), BlockGeometry.DEFAULT_TOKENS);
        Codecs.open(low, block, of.rope(), Backend.SCALAR);
      } catch (IllegalArgumentException e) {
        return Optional.of(
            "cannot keep tokens of layer %d in few bits: %s".formatted(layer, e.getMessage()));
      }
    }
    return Optional.empty();
  }

  private Optional<String> refused(String reason) {
    return Optional.of("%s cannot be used by a session: it %s".formatted(policy.text(), reason));
  }

  @Override
  public String toString() {
    return policy.text() + (parks && !policy.after().parks() ? " park=true" : "");
  }
}
