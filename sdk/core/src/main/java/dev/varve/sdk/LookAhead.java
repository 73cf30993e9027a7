package dev.varve.sdk;

import dev.varve.sdk.internal.SessionState;

/**
 * What may follow a session's prompt: a draft's answer runs in a fork, so that the session's policy
 * sees queries to come (SpecKV, 2025, arXiv 2506.08373: {@code speckv(lookahead=N)}). The draft's
 * tokens vote, and leave no trace in the session. For the thread of the session.
 */
public final class LookAhead implements AutoCloseable {

  private final KvSession session;
  private final KvSession fork;
  private final SessionState state;

  LookAhead(KvSession session, KvSession fork) {
    this.session = session;
    this.fork = fork;
    this.state = session.state();
  }

  /** Begins a step of the draft's tokens, right behind the prompt. */
  public Step begin(int[] tokens) {
    return fork.begin(tokens, false);
  }

  /**
   * Has the session's policy decide, with all that the draft added in view.
   *
   * @return whether anything was forgotten
   * @throws IllegalArgumentException if the policy looks ahead by another number of tokens
   * @throws HotTierFullException if there is no room to copy what would be kept
   */
  public boolean forget() {
    session.checkOpen();
    return state.forget(fork.state());
  }

  /** Ends the fork. */
  @Override
  public void close() {
    fork.close();
  }
}
