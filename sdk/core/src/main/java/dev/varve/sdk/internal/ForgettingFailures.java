package dev.varve.sdk.internal;

import dev.varve.sdk.internal.memory.MemoryCounters;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a policy fails while a step ends: the step stands and the session goes on with
 * all that it holds. The failure is counted and logged, and the policy left alone until the next
 * prompt ends or a block of tokens has come, so that it is not asked at every token what it cannot
 * answer. For one thread at a time.
 */
final class ForgettingFailures {

  private static final Logger LOG = LoggerFactory.getLogger(ForgettingFailures.class);

  private final MemoryCounters counters;
  private final int pause;
  private @Nullable RuntimeException last;
  private int failedAt;

  /**
   * @param pause tokens until a failed policy is asked again in the middle of a prompt or answer
   */
  ForgettingFailures(MemoryCounters counters, int pause) {
    this.counters = counters;
    this.pause = pause;
  }

  /** Whether a policy that is due at {@code tokens} tokens is asked. */
  boolean asks(int tokens, boolean lastOfPrompt) {
    return last == null || lastOfPrompt || tokens < failedAt || tokens >= failedAt + pause;
  }

  /** Notes that the policy failed at {@code tokens} tokens. */
  void failed(RuntimeException failure, int tokens) {
    last = failure;
    failedAt = tokens;
    counters.failed();
    LOG.error(
        "a policy failed after token {}; nothing was forgotten and the session goes on whole: {}",
        tokens,
        failure.toString(),
        failure);
  }

  /** Notes that the policy has decided. */
  void over() {
    last = null;
  }

  /** The failure since which the policy has not decided. */
  Optional<RuntimeException> last() {
    return Optional.ofNullable(last);
  }
}
