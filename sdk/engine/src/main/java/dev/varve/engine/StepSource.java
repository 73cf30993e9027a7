package dev.varve.engine;

/** A session of the SDK as the generator sees it. For one thread at a time. */
public interface StepSource {

  /** One step; closing it without {@link #end} leaves the session as it was. */
  interface Step extends LayerAttention, AutoCloseable {

    /** Commits what all layers appended. */
    void end();

    @Override
    void close();
  }

  /** Tokens that the session holds. */
  int length();

  /** Takes over stored keys and values of a new session's prompt; returns for how many tokens. */
  int reuse(int[] prompt);

  /** Begins the step of the next tokens. */
  Step begin(int[] tokens, boolean lastOfPrompt);

  /** Says that the answer is complete. */
  void endTurn();
}
