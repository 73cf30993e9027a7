package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.SessionHistory;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FailingPolicyTest {

  private static final int[] TEXT = SyntheticEngine.tokens(23, 300);

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final KvCache cache =
      KvCache.open(CacheConfig.of(Shapes.PLAIN, "model").blockTokens(32).hot(400 * 4096).build());

  @AfterEach
  void close() {
    cache.close();
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  /** Wants to decide after every step, and cannot until a test lets it. */
  private static final class Stubborn implements Forgetting {
    final List<Integer> asked = new ArrayList<>();
    boolean fails = true;

    @Override
    public int queries() {
      return 0;
    }

    @Override
    public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
      return true;
    }

    @Override
    public KeepSets keep(SessionHistory history) {
      asked.add(history.tokens());
      if (fails) {
        throw new IllegalStateException("no idea");
      }
      return ScriptedForgetting.keep(history, row -> row > 0);
    }
  }

  private void decode(KvSession session, int at) {
    try (Step step = session.begin(text(at, at + 1), false)) {
      for (int layer = 0; layer < 3; layer++) {
        step.append(
            layer,
            engine.keys(layer, text(at, at + 1), at),
            engine.values(layer, text(at, at + 1), at));
      }
      step.end();
    }
  }

  @Test
  void theStepStandsAndTheSessionComputesWhatItWouldWithoutAPolicy() {
    Stubborn policy = new Stubborn();
    try (KvSession session = cache.openSession(Tenant.NONE, policy);
        KvSession plain = cache.openSession()) {
      assertThat(session.forgettingFailure()).isEmpty();
      assertThat(engine.step(session, text(0, 70))).isDeepEqualTo(engine.step(plain, text(0, 70)));
      assertThat(session.length()).isEqualTo(70);
      assertThat(session.forgettingFailure())
          .hasValueSatisfying(e -> assertThat(e).hasMessage("no idea"));
      assertThat(session.usage().forgot()).isFalse();
      assertThat(engine.step(session, text(70, 75)))
          .isDeepEqualTo(engine.step(plain, text(70, 75)));
      assertThat(cache.stats().forgetting().failures()).isEqualTo(2);
      assertThatThrownBy(session::forget).hasMessage("no idea");
      policy.fails = false;
      assertThat(session.forget()).isTrue();
      assertThat(session.forgettingFailure()).isEmpty();
      assertThat(session.usage().rows()).isEqualTo(6 * 74);
    }
  }

  @Test
  void aFailedPolicyIsAskedAgainABlockLaterOrAtTheEndOfAPrompt() {
    Stubborn policy = new Stubborn();
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      engine.step(session, text(0, 40));
      for (int at = 40; at < 110; at++) {
        decode(session, at);
      }
      assertThat(policy.asked).containsExactly(40, 72, 104);
      session.truncate(50);
      decode(session, 50);
      assertThat(policy.asked).endsWith(51);
      engine.step(session, text(51, 60));
      assertThat(policy.asked).endsWith(60);
    }
  }

  @Test
  void keysThatAreNoNumbersAreNamedAndTheSessionGoesOn() {
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse("knorm(budget=8)"))) {
      try (Step step = session.begin(text(0, 40), true)) {
        for (int layer = 0; layer < 3; layer++) {
          EngineTensor keys = engine.keys(layer, text(0, 40), 0);
          if (layer == 1) {
            keys.memory()
                .set(java.lang.foreign.ValueLayout.JAVA_FLOAT, keys.offset(5, 1), Float.NaN);
          }
          step.append(layer, keys, engine.values(layer, text(0, 40), 0));
        }
        step.end();
      }
      assertThat(session.forgettingFailure().orElseThrow())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer 1, head 1: the score of token 5 is NaN");
      decode(session, 40);
      assertThat(session.length()).isEqualTo(41);
    }
  }
}
