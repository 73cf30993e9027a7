package dev.varve.sdk;

import java.util.concurrent.atomic.LongAdder;

/** Prompt tokens found and asked for, and saved sessions refused. Thread-safe. */
final class Traffic {

  private final LongAdder prompts = new LongAdder();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder reusedTokens = new LongAdder();
  private final LongAdder refusedSessions = new LongAdder();

  void matched(int reused, int asked) {
    prompts.increment();
    promptTokens.add(asked);
    reusedTokens.add(reused);
  }

  void sessionRefused() {
    refusedSessions.increment();
  }

  long prompts() {
    return prompts.sum();
  }

  long promptTokens() {
    return promptTokens.sum();
  }

  long refusedSessions() {
    return refusedSessions.sum();
  }

  long reusedTokens() {
    return reusedTokens.sum();
  }
}
