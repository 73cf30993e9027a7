package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.attention.select.RowSets;
import dev.varve.attention.select.Selection;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions that forget, park what they forgot, and read of it what a policy chooses. */
class ParkedReadingTest {

  private static final int SPAN = 32;
  private static final int PARKED = 288;
  private static final int[] TEXT = SyntheticEngine.tokens(29, 400);
  private static final String VOTES = "tokenselect(init=4,k=24,local=16,theta=2)";
  private static final String PAGES = "quest(page=8,init=4,k=24,local=16,dense=0)";

  /** Other rows for every head, and of every layer all that is not parked. */
  private static boolean kept(int row) {
    return row % 5 == 2 || row >= PARKED;
  }

  @TempDir Path folder;

  private KvCache cache(ModelShape shape, int hotBlocks) {
    return KvCache.open(
        CacheConfig.of(shape, "model")
            .blockTokens(SPAN)
            .hot(hotBlocks * 4096L)
            .ssd(folder, 16 << 20)
            .build());
  }

  private static KvSession open(KvCache cache, Forgetting policy, SelectiveReading reading) {
    return cache.openSession(
        Tenant.NONE, new Acceptance.Exact(), Optional.of(policy), Optional.of(reading));
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  private static ScriptedForgetting keeping(IntPredicate kept) {
    return ScriptedForgetting.rows(kept).parking();
  }

  private static ModelShape manyKinds() {
    List<LayerShape> mixed = Shapes.MIXED.layers();
    LayerShape sharing =
        new LayerShape(4, 2, 16, 16, 0.25f, 0f, Shapes.ROPE, 0, false, OptionalInt.of(0));
    return new ModelShape(
        List.of(mixed.get(0), mixed.get(1), mixed.get(3), sharing), Shapes.MIXED.dtype());
  }

  /** What was kept, what was chosen of the rest, and what came since. */
  private static RowSets union(Selection chosen, IntPredicate kept, int parked, int tokens) {
    return new RowSets() {
      @Override
      public int groups() {
        return chosen.groups();
      }

      @Override
      public BitSet set(int kvHead) {
        BitSet set = (BitSet) chosen.set(kvHead).clone();
        set.clear(parked, Math.max(parked, set.length()));
        for (int token = 0; token < tokens; token++) {
          if (kept.test(token)) {
            set.set(token);
          }
        }
        return set;
      }
    };
  }

  private static void assertClose(float[] found, double[] expected) {
    assertThat(found.length).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(2e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        VOTES,
        PAGES,
        "tokenselect(init=4,k=24,local=16,theta=2,keys=int8)",
        "triforce(chunk=8,init=4,k=24,local=16)",
        "oracle(init=4,k=24,local=16)"
      })
  void readsWhatWasKeptAndWhatIsChosenOfTheRest(String policy) {
    SelectiveReading reading = SelectiveReading.parse(policy);
    for (ModelShape shape : List.of(Shapes.PLAIN, manyKinds())) {
      SyntheticEngine engine = new SyntheticEngine(shape);
      try (KvCache cache = cache(shape, 600);
          KvSession session = open(cache, keeping(ParkedReadingTest::kept), reading)) {
        engine.run(session, text(0, 300), 100);
        assertThat(session.forget()).isTrue();
        assertThat(session.usage().parkedTokens()).isEqualTo(PARKED);
        for (int at = 300; at < 303; at++) {
          float[][] outputs = decode(engine, shape, session, at);
          PlainSelection plain = new PlainSelection(shape, reading, text(0, at + 1));
          for (int layer = 0; layer < shape.layerCount(); layer++) {
            Selection chosen = plain.select(layer, PARKED);
            RowSets rows = union(chosen, ParkedReadingTest::kept, PARKED, at + 1);
            assertClose(outputs[layer], plain.attend(layer, rows));
          }
        }
        ReadingStats stats = cache.stats().reading();
        assertThat(stats.selected()).isEqualTo(3L * shape.layerCount());
        assertThat(stats.parkedRows()).isPositive();
        assertThat(stats.rowsAttended()).isLessThan(stats.rowsHeld());
        assertThat(stats.building() + stats.whole()).isZero();
        assertThat(cache.stats().forgetting().parkedBytes()).isPositive();
      }
    }
  }

  private static float[][] decode(
      SyntheticEngine engine, ModelShape shape, KvSession session, int at) {
    float[][] outputs = new float[shape.layerCount()][];
    try (Step step = session.begin(text(at, at + 1), false)) {
      for (int layer = 0; layer < shape.layerCount(); layer++) {
        if (shape.owns(layer)) {
          step.append(
              layer,
              engine.keys(layer, text(at, at + 1), at),
              engine.values(layer, text(at, at + 1), at));
        }
        outputs[layer] = engine.attend(step, layer, text(at, at + 1), at);
      }
      step.end();
    }
    return outputs;
  }

  /** A prompt sees everything, unless the policy chooses in prompts too. */
  @Test
  void aLaterPromptReadsAllThatIsParked() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    SelectiveReading reading = SelectiveReading.parse(PAGES);
    try (KvCache cache = cache(Shapes.PLAIN, 600);
        KvSession session = open(cache, keeping(ParkedReadingTest::kept), reading);
        KvSession little = open(cache, keeping(ParkedReadingTest::kept), reading.inPrompts())) {
      for (KvSession each : List.of(session, little)) {
        engine.run(each, text(0, 300), 100);
        each.forget();
      }
      float[][] all = engine.run(session, text(300, 310), 10);
      long before = cache.stats().reading().selected();
      float[][] some = engine.run(little, text(300, 310), 10);
      for (int layer = 0; layer < 3; layer++) {
        assertClose(all[layer], engine.reference(layer, text(0, 310)));
      }
      assertThat(some).isNotEqualTo(all);
      assertThat(cache.stats().reading().selected()).isEqualTo(before + 3);
    }
  }

  @Test
  void parkedRowsComeFromFarAway() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    SelectiveReading reading = SelectiveReading.parse(VOTES);
    float[][] near;
    try (KvCache cache = cache(Shapes.PLAIN, 600);
        KvSession session = open(cache, keeping(ParkedReadingTest::kept), reading)) {
      engine.run(session, text(0, 300), 100);
      session.forget();
      near = decode(engine, Shapes.PLAIN, session, 300);
      assertThat(cache.stats().reading().farBlocks()).isZero();
      session.endTurn();
    }
    try (KvCache cache = cache(Shapes.PLAIN, 40);
        KvSession session = open(cache, keeping(ParkedReadingTest::kept), reading)) {
      engine.run(session, text(0, 300), 100);
      session.forget();
      try (KvSession other = cache.openSession()) {
        engine.run(other, SyntheticEngine.tokens(5, SPAN * 8), SPAN);
        assertThat(cache.stats().tier(Tier.SSD).blocks()).isPositive();
      }
      assertThat(decode(engine, Shapes.PLAIN, session, 300)).isDeepEqualTo(near);
      ReadingStats stats = cache.stats().reading();
      assertThat(stats.farBlocks()).isPositive();
      assertThat(stats.lateBytes() + stats.prefetchedBytes()).isPositive();
      assertThat(stats.parkedRows()).isPositive();
    }
  }

  @Test
  void forksCutsAndResumedSessionsReadTheSame() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    SelectiveReading reading = SelectiveReading.parse(PAGES);
    Forgetting policy = keeping(ParkedReadingTest::kept);
    float[][] expected;
    try (KvCache cache = cache(Shapes.PLAIN, 600);
        KvSession session = open(cache, policy, reading)) {
      engine.run(session, text(0, 300), 100);
      session.forget();
      try (KvSession fork = session.fork()) {
        expected = decode(engine, Shapes.PLAIN, session, 300);
        assertThat(decode(engine, Shapes.PLAIN, fork, 300)).isDeepEqualTo(expected);
        fork.truncate(300);
        assertThat(decode(engine, Shapes.PLAIN, fork, 300)).isDeepEqualTo(expected);
        fork.truncate(200);
        assertThat(fork.usage().parkedTokens()).isEqualTo(192);
        PlainSelection plain = new PlainSelection(Shapes.PLAIN, reading, text(0, 201));
        float[][] cut = decode(engine, Shapes.PLAIN, fork, 200);
        for (int layer = 0; layer < 3; layer++) {
          IntPredicate held = row -> kept(row) || row == 200;
          assertClose(
              cut[layer], plain.attend(layer, union(plain.select(layer, 192), held, 192, 201)));
        }
      }
      session.truncate(300);
      session.save("s");
    }
    try (KvCache cache = cache(Shapes.PLAIN, 600);
        KvSession session =
            ((Resumption.Resumed) cache.resume(Tenant.NONE, "s", policy, reading)).session()) {
      assertThat(session.usage().parkedTokens()).isEqualTo(PARKED);
      float[][] first = decode(engine, Shapes.PLAIN, session, 300);
      for (int layer = 0; layer < 3; layer++) {
        IntPredicate all = row -> true;
        PlainSelection plain = new PlainSelection(Shapes.PLAIN, reading, text(0, 301));
        assertClose(
            first[layer], plain.attend(layer, union(plain.select(layer, 288), all, 288, 301)));
      }
      assertThat(cache.stats().reading().building()).as("the index takes all keys").isEqualTo(3);
      session.truncate(300);
      assertThat(decode(engine, Shapes.PLAIN, session, 300)).isDeepEqualTo(expected);
      assertThat(cache.stats().reading().building()).isEqualTo(3);
    }
  }

  /** Nothing is found by others that was computed from a choice. */
  @Test
  void othersFindWhatWasSealedBeforeAndNothingElse() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    try (KvCache cache = cache(Shapes.PLAIN, 600);
        KvSession session =
            open(cache, keeping(ParkedReadingTest::kept), SelectiveReading.parse(VOTES))) {
      engine.run(session, text(0, 300), 100);
      session.forget();
      for (int at = 300; at < 360; at++) {
        decode(engine, Shapes.PLAIN, session, at);
      }
      try (KvSession other = cache.openSession()) {
        assertThat(other.reuse(text(0, 360))).isEqualTo(PARKED);
      }
      session.truncate(0);
      assertThat(cache.stats().forgetting().parkedBytes()).isZero();
      float[][] again = engine.run(session, text(0, 60), 60);
      for (int layer = 0; layer < 3; layer++) {
        assertClose(again[layer], engine.reference(layer, text(0, 60)));
      }
    }
  }

  @Test
  void aPolicyInWordsParks() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    Forgetting policy = EvictionForgetting.parse("snapkv(budget=64,window=16,park=true)");
    try (KvCache cache = cache(Shapes.PLAIN, 600);
        KvSession session = open(cache, policy, SelectiveReading.parse(VOTES))) {
      engine.run(session, text(0, 300), 300);
      assertThat(session.forgettingFailure()).isEmpty();
      assertThat(session.usage().forgot()).isTrue();
      assertThat(session.usage().parkedTokens()).isEqualTo(PARKED);
      decode(engine, Shapes.PLAIN, session, 300);
      assertThat(session.reading().parkedRows()).isPositive();
    }
  }

  @Test
  void refusesWhatCannotWork() {
    SelectiveReading votes = SelectiveReading.parse(VOTES);
    try (KvCache cache = cache(Shapes.PLAIN, 100)) {
      refused(cache, "snapkv(budget=0.5)", votes, "not both", "park=true");
      refused(cache, "snapkv(budget=0.5,park=false)", votes, "not both", "park=true");
      refused(cache, "zeromerge(budget=0.5,park=true)", votes, "merged", "already counts");
      refused(cache, "snapkv(budget=0.5,park=true)+compensate", votes, "without merging");
    }
    assertThatThrownBy(() -> EvictionForgetting.parse("snapkv(budget=9,window=4,park=maybe)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("park");
  }

  private static void refused(
      KvCache cache, String policy, SelectiveReading reading, String... words) {
    assertThatThrownBy(() -> open(cache, EvictionForgetting.parse(policy), reading))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void keepsNothingTwice() {
    KeepSets all = new KeepSets(Shapes.PLAIN);
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    ScriptedForgetting everything = new ScriptedForgetting(history -> all).parking();
    try (KvCache cache = cache(Shapes.PLAIN, 600);
        KvSession session = open(cache, everything, SelectiveReading.parse(VOTES))) {
      engine.run(session, text(0, 300), 100);
      assertThat(session.forget()).as("nothing to forget").isFalse();
      assertThat(session.usage().parkedTokens()).isZero();
    }
  }
}
