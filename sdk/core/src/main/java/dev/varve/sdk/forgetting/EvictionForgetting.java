package dev.varve.sdk.forgetting;

import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.store.Checks;
import dev.varve.store.ModelShape;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Forgets as an {@link EvictionPolicy} says: at the end of every prompt, again after so many
 * decoded tokens where the policy asks for that, and whenever a head holds more rows than a cap.
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
  private int decidedAt;

  private EvictionForgetting(EvictionPolicy policy, boolean parks, OptionalInt cap, int decidedAt) {
    this.policy = policy;
    this.parks = parks;
    this.cap = cap;
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
    return new EvictionForgetting(policy, false, OptionalInt.empty(), 0);
  }

  /** The same, but chunks that the session no longer reads stay stored, far away. */
  public EvictionForgetting parking() {
    return new EvictionForgetting(policy, true, cap, decidedAt);
  }

  /**
   * The same, but it also forgets whenever a head holds more than {@code rows} rows after a step,
   * in the middle of a prompt too: a prompt of any length, given in chunks, then takes that memory
   * and a chunk more.
   */
  public EvictionForgetting capped(int rows) {
    Checks.positive(rows, "rows of the cap");
    return new EvictionForgetting(policy, parks, OptionalInt.of(rows), decidedAt);
  }

  /** What it follows. */
  public EvictionPolicy policy() {
    return policy;
  }

  @Override
  public int queries() {
    int needed = policy.needs().window();
    return needed == Needs.ALL ? EVERY_QUERY : needed;
  }

  @Override
  public boolean parks() {
    return parks;
  }

  @Override
  public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
    decidedAt = Math.min(decidedAt, tokens);
    boolean period =
        policy.after().every().isPresent()
            && stepTokens == 1
            && tokens - decidedAt >= policy.after().every().getAsInt();
    return lastOfPrompt || period || (cap.isPresent() && rows > cap.getAsInt());
  }

  @Override
  public KeepSets keep(SessionHistory history) {
    KeepSets kept = new EvictionRun(policy, history, decidedAt).decide();
    decidedAt = history.tokens();
    return kept;
  }

  @Override
  public Forgetting fork() {
    return new EvictionForgetting(policy, parks, cap, decidedAt);
  }

  @Override
  public Optional<String> refusal(ModelShape shape) {
    for (Signal signal : policy.needs().signals()) {
      return refused("needs " + signal.words() + ", which a session does not have");
    }
    if (policy.after().renumber()) {
      return refused(
          "turns kept keys to other positions, and the engine goes on counting from the true ones");
    }
    if (policy.protection().lookahead() > 0) {
      return refused(
          "drops the last %d tokens as a draft's, and those of a session are real"
              .formatted(policy.protection().lookahead()));
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

  private Optional<String> refused(String reason) {
    return Optional.of("%s cannot be used by a session: it %s".formatted(policy.text(), reason));
  }

  @Override
  public String toString() {
    return policy.text() + (parks ? " park=true" : "");
  }
}
