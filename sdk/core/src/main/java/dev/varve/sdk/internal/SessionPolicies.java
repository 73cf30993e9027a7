package dev.varve.sdk.internal;

import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.Checks;
import dev.varve.store.ModelShape;
import java.util.Optional;

/**
 * What a session was opened with.
 *
 * @param forgetting decides what is forgotten; empty to forget nothing
 * @param reading decides what is read; empty to read everything
 */
public record SessionPolicies(Optional<Forgetting> forgetting, Optional<SelectiveReading> reading) {

  /** Forgets nothing and reads everything. */
  public static final SessionPolicies NONE =
      new SessionPolicies(Optional.empty(), Optional.empty());

  /** Forgets so, and reads everything that is left. */
  public static SessionPolicies of(Forgetting policy) {
    return new SessionPolicies(Optional.of(policy), Optional.empty());
  }

  /** Forgets nothing, and reads so. */
  public static SessionPolicies of(SelectiveReading reading) {
    return new SessionPolicies(Optional.empty(), Optional.of(reading));
  }

  /** Forgets so, and reads again of what it parked. */
  public static SessionPolicies of(Forgetting policy, SelectiveReading reading) {
    return new SessionPolicies(Optional.of(policy), Optional.of(reading));
  }

  /**
   * Refuses policies that no session of such a model can follow.
   *
   * @param tiersBelow whether there is a tier below the hot one
   * @throws IllegalArgumentException says why
   */
  public void check(ModelShape shape, boolean tiersBelow) {
    if (forgetting.isPresent() && reading.isPresent()) {
      checkBoth(forgetting.get(), reading.get());
    }
    reading.flatMap(how -> how.refusal(shape)).ifPresent(SessionPolicies::refuse);
    if (forgetting.isPresent()) {
      Forgetting policy = forgetting.get();
      Checks.notNegative(policy.queries(), "queries that the policy wants");
      policy.refusal(shape).ifPresent(SessionPolicies::refuse);
      if (policy.parks() && !tiersBelow) {
        throw new IllegalArgumentException(
            "the policy parks evicted tokens in a tier below the hot one and this cache has none:"
                + " configure a host or SSD tier, or do not park");
      }
    }
  }

  private static void checkBoth(Forgetting forgetting, SelectiveReading reading) {
    if (!forgetting.parks()) {
      refuse(
          ("a session reads by %s or forgets by %s, not both: what is forgotten differs from head"
                  + " to head, and an index summarises tokens that all heads hold; park what is"
                  + " forgotten (park=true), and it is read again")
              .formatted(reading, forgetting));
    }
    if (forgetting.merges()) {
      refuse(
          ("a session cannot read again by %s what %s merged: a row that stands for others already"
                  + " counts for them; forget without merging")
              .formatted(reading, forgetting));
    }
  }

  private static void refuse(String reason) {
    throw new IllegalArgumentException(reason);
  }
}
