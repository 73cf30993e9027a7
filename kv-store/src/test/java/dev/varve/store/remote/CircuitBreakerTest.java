package dev.varve.store.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final CircuitBreaker breaker = new CircuitBreaker(now::get);

  @Test
  void aFewFailuresInARowKeepCallersAway() {
    assertThat(breaker.failed()).isFalse();
    assertThat(breaker.failed()).isFalse();
    assertThat(breaker.succeeded()).isFalse();
    assertThat(breaker.failed()).isFalse();
    assertThat(breaker.failed()).isFalse();
    assertThat(breaker.permits()).isTrue();
    assertThat(breaker.failed()).isTrue();
    assertThat(breaker.permits()).isFalse();
    assertThat(breaker.open()).isTrue();
  }

  @Test
  void afterThePauseOneCallerTriesAndEveryFailureDoublesIt() {
    for (int i = 0; i < CircuitBreaker.MOST_FAILURES; i++) {
      breaker.failed();
    }
    long pause = CircuitBreaker.FIRST_PAUSE.toNanos();
    for (int round = 0; round < 12; round++) {
      now.addAndGet(pause - 1);
      assertThat(breaker.permits()).isFalse();
      now.addAndGet(1);
      assertThat(breaker.permits()).isTrue();
      assertThat(breaker.permits()).as("only one tries").isFalse();
      assertThat(breaker.failed()).isFalse();
      pause = Math.min(2 * pause, CircuitBreaker.LONGEST_PAUSE.toNanos());
    }
    now.addAndGet(pause);
    assertThat(breaker.permits()).isTrue();
    assertThat(breaker.succeeded()).isTrue();
    assertThat(breaker.permits()).isTrue();
    assertThat(breaker.open()).isFalse();
  }
}
