package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MisuseTest {

  private static final int[] FIVE = {1, 2, 3, 4, 5};

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final KvCache cache =
      KvCache.open(CacheConfig.of(Shapes.PLAIN, "model").blockTokens(32).hot(12 * 4096).build());
  private final KvSession session = cache.openSession();

  @AfterEach
  void close() {
    session.close();
    cache.close();
  }

  @Test
  void refusesTensorsThatDoNotFit() {
    try (Step step = session.begin(FIVE, true)) {
      EngineTensor wide = EngineTensor.of(new float[5 * 2 * 17], 5, 2, 17);
      EngineTensor good = engine.keys(0, FIVE, 0);
      assertThatThrownBy(() -> step.append(0, wide, good))
          .hasMessageContaining("[5][2][16], got [5][2][17]");
      assertThatThrownBy(() -> step.append(0, good, wide))
          .hasMessageContaining("values of layer 0");
      assertThatThrownBy(() -> step.append(0, good.rows(0, 4), good))
          .hasMessageContaining("4 tokens");
      assertThatThrownBy(() -> step.append(3, good, good))
          .hasMessageContaining("between 0 and 2: 3");
      step.append(0, good, engine.values(0, FIVE, 0));
      assertThatThrownBy(() -> step.attend(0, wide, wide))
          .hasMessageContaining("queries of layer 0");
    }
    assertThatThrownBy(() -> EngineTensor.of(new float[9], 5, 2, 1))
        .hasMessageContaining("40")
        .hasMessageContaining("36");
  }

  @Test
  void refusesStepsOutOfOrder() {
    EngineTensor keys = engine.keys(0, FIVE, 0);
    assertThatThrownBy(() -> session.begin(new int[0], true)).hasMessageContaining("at least 1: 0");
    try (Step step = session.begin(FIVE, true)) {
      assertThatThrownBy(() -> session.begin(FIVE, true)).hasMessageContaining("a step is running");
      assertThatThrownBy(session::endTurn).hasMessageContaining("a step is running");
      assertThatThrownBy(() -> engine.attend(step, 0, FIVE, 0))
          .hasMessageContaining("before layer 0");
      step.append(0, keys, keys);
      assertThatThrownBy(() -> step.append(0, keys, keys)).hasMessageContaining("appended before");
      assertThatThrownBy(step::end).hasMessageContaining("layer 1 was not appended");
      step.append(1, keys, keys);
      step.append(2, keys, keys);
      step.end();
      assertThatThrownBy(step::end).hasMessageContaining("ENDED");
      assertThatThrownBy(() -> step.append(0, keys, keys)).hasMessageContaining("ENDED");
    }
    assertThat(session.length()).isEqualTo(5);
    assertThatThrownBy(() -> session.reuse(FIVE)).hasMessageContaining("holds 5 tokens");
    assertThatThrownBy(() -> session.truncate(6)).hasMessageContaining("between 0 and 5: 6");
  }

  @Test
  void refusesUseAfterClose() {
    KvSession other = cache.openSession();
    Step step = other.begin(FIVE, true);
    other.close();
    other.close();
    assertThatThrownBy(() -> other.begin(FIVE, true)).hasMessageContaining("session is closed");
    assertThatThrownBy(() -> engine.attend(step, 0, FIVE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(cache::close).hasMessageContaining("1 sessions are open");
    session.close();
    cache.close();
    assertThatThrownBy(cache::openSession).hasMessageContaining("cache is closed");
    assertThatThrownBy(cache::stats).hasMessageContaining("cache is closed");
  }

  @Test
  void saysWhatIsShortWhenTheHotTierIsFullAndGoesOn() {
    engine.run(session, SyntheticEngine.tokens(1, 90), 30);
    assertThatThrownBy(() -> session.begin(new int[200], true))
        .isInstanceOf(HotTierFullException.class)
        .hasMessageContaining("needs 21 hot slots")
        .hasMessageContaining("of 12");
    engine.run(session, new int[] {1, 2}, 2);
    assertThat(session.length()).isEqualTo(92);
  }

  @Test
  void refusesTiersThatHoldNoBlock() {
    assertThatThrownBy(
            () -> KvCache.open(CacheConfig.of(Shapes.PLAIN, "m").blockTokens(32).hot(100).build()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("100");
    assertThatThrownBy(() ->
            KvCache.open(
                CacheConfig.of(Shapes.PLAIN, "m").blockTokens(32).hot(1 << 20).host(100).build()))
        .hasMessageContaining("100");
    assertThatThrownBy(() -> CacheConfig.of(Shapes.PLAIN, "m").hot(0).build())
        .hasMessageContaining("hotBytes");
    assertThatThrownBy(() -> CacheConfig.of(Shapes.PLAIN, "m").hot(1).hot(2))
        .hasMessageContaining("already set");
    assertThatThrownBy(() -> KvCache.open(CacheConfig.of(Shapes.PLAIN, " ").build()))
        .hasMessageContaining("identity");
    assertThatThrownBy(
            () -> KvCache.open(CacheConfig.of(Shapes.PLAIN, "m").blockTokens(33).build()))
        .hasMessageContaining("33");
  }

  @Test
  void refusesABatchWhoseRowsDoNotAddUp() {
    try (KvSession other = cache.openSession();
        Step a = session.begin(FIVE, true);
        Step b = other.begin(new int[] {9}, true)) {
      EngineTensor q = engine.queries(0, FIVE, 0);
      assertThatThrownBy(() -> cache.batch().attend(0, List.of(a, b), q, q))
          .hasMessageContaining("6 tokens");
    }
  }
}
