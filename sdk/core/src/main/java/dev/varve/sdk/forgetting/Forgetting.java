package dev.varve.sdk.forgetting;

import dev.varve.eviction.online.OnlineEviction;
import dev.varve.store.ModelShape;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Decides what a session remembers. The session asks after each committed step whether a decision
 * is {@link #due}; if so it shows its rows and keeps what is answered, in memory of its own, packed
 * to the size of what is left. One instance serves one session, in the thread of that session.
 */
public interface Forgetting {

  /**
   * Says of {@link #queries} that those of every token are wanted: as much memory again, or more.
   */
  int EVERY_QUERY = Integer.MAX_VALUE;

  /**
   * Newest queries of each layer that {@link #keep} wants to see; 0 for none, {@link #EVERY_QUERY}
   * for all.
   */
  int queries();

  /**
   * Whether the attention of every query is to be summed up row by row while the session attends,
   * and how much an earlier query counts for each later one; empty for no sums. Costs one more
   * multiplication of queries with keys, and in place of {@link #EVERY_QUERY} four bytes a row and
   * query head.
   */
  default OptionalDouble attentionDecay() {
    return OptionalDouble.empty();
  }

  /**
   * What goes for each decoded token once the session has forgotten: one row of a head in place,
   * with nothing copied but the rows behind it. Empty for nothing, until the next decision.
   */
  default Optional<OnlineEviction> online() {
    return Optional.empty();
  }

  /**
   * Rows that {@link #online} leaves to a head.
   *
   * @param rows that the last decision left
   * @param decidedAt tokens of the session then
   * @param tokens of the session now
   */
  default int places(int layer, int kvHead, int rows, int decidedAt, int tokens) {
    return rows;
  }

  /** Why no session of a model like this can forget so, as a sentence; empty if it can. */
  default Optional<String> refusal(ModelShape shape) {
    return Optional.empty();
  }

  /**
   * Whether to decide now.
   *
   * @param tokens committed tokens of the session
   * @param stepTokens how many of them the last step brought
   * @param lastOfPrompt whether a prompt ended with them
   * @param rows the most rows that a KV head of any layer holds
   */
  boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows);

  /** What is to be remembered of {@code history}. */
  KeepSets keep(SessionHistory history);

  /**
   * Whether chunks that the session no longer reads stay stored, as far away as they may sink.
   * Needs a tier below the hot one.
   */
  default boolean parks() {
    return false;
  }

  /**
   * Whether a row may come to stand for tokens that are forgotten: then what is parked is not read
   * again, for it would count twice.
   */
  default boolean merges() {
    return false;
  }

  /** Decides for a fork of the session; itself where no state belongs to one session. */
  default Forgetting fork() {
    return this;
  }
}
