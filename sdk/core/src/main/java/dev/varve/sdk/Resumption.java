package dev.varve.sdk;

import com.google.errorprone.annotations.CheckReturnValue;

/** What became of resuming a saved session. */
@CheckReturnValue
public sealed interface Resumption {

  /**
   * The session goes on. It is shorter than it was, and ends with a whole block, if a block was
   * lost from all tiers meanwhile: then the engine computes the rest again.
   *
   * @param session open; belongs to the caller
   * @param savedTokens its length when it was saved
   */
  record Resumed(KvSession session, int savedTokens) implements Resumption {

    /** Whether nothing was lost. */
    public boolean complete() {
      return session.length() == savedTokens;
    }
  }

  /**
   * There is no such session for this tenant and model, or its file failed a check.
   *
   * @param reason a sentence that says which
   */
  record Refused(String reason) implements Resumption {}
}
