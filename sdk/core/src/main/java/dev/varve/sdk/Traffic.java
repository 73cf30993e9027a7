package dev.varve.sdk;

import java.util.concurrent.atomic.LongAdder;

/** Prompt tokens found and asked for. Thread-safe. */
final class Traffic {

  private final LongAdder prompts = new LongAdder();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder reusedTokens = new LongAdder();

  void matched(int reused, int asked) {
    prompts.increment();
    promptTokens.add(asked);
    reusedTokens.add(reused);
  }

  long prompts() {
    return prompts.sum();
  }

  long promptTokens() {
    return promptTokens.sum();
  }

  long reusedTokens() {
    return reusedTokens.sum();
  }
}
