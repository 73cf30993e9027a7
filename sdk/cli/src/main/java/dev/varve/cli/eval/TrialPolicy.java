package dev.varve.cli.eval;

import dev.varve.eviction.online.OnlineEviction;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.SessionHistory;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The policy of a session whose forks try one policy after the other: never due by itself, so that
 * a prompt is computed once for all of them. For one thread.
 */
final class TrialPolicy implements Forgetting {
  private final int queries;
  private final @Nullable Forgetting online;
  private @Nullable Forgetting policy;
  private @Nullable KeepSets kept;

  /**
   * @param queries the most that any of the policies wants to see
   */
  TrialPolicy(int queries) {
    this.queries = queries;
    this.online = null;
  }

  /** Decides as {@code first} does until it is told otherwise, and goes on as that does. */
  TrialPolicy(Forgetting first) {
    this.queries = first.queries();
    this.online = first;
    this.policy = first;
  }

  /** Has the next decision be that of {@code next}. */
  void use(Forgetting next) {
    policy = next;
  }

  /** What the last decision was. */
  KeepSets kept() {
    return Objects.requireNonNull(kept, "nothing was decided yet");
  }

  @Override
  public int queries() {
    return queries;
  }

  @Override
  public OptionalDouble attentionDecay() {
    return online == null ? OptionalDouble.empty() : online.attentionDecay();
  }

  @Override
  public Optional<OnlineEviction> online() {
    return online == null ? Optional.empty() : online.online();
  }

  @Override
  public int places(int layer, int kvHead, int rows, int decidedAt, int tokens) {
    return online == null ? rows : online.places(layer, kvHead, rows, decidedAt, tokens);
  }

  @Override
  public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
    return false;
  }

  @Override
  public KeepSets keep(SessionHistory history) {
    KeepSets answer = Objects.requireNonNull(policy, "no policy to try").keep(history);
    kept = answer;
    return answer;
  }
}
