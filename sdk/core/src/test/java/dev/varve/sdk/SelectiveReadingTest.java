package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.attention.select.Selection;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectiveReadingTest {

  private static final int SPAN = 32;
  private static final int[] TEXT = SyntheticEngine.tokens(23, 600);
  private static final String VOTES = "tokenselect(init=4,k=24,local=16,theta=2)";
  private static final String PAGES = "quest(page=8,init=4,k=24,local=16,dense=0)";

  private static CacheConfig.Builder config(ModelShape shape, Backend backend) {
    return CacheConfig.of(shape, "model").blockTokens(SPAN).hot(600 * 4096).backend(backend);
  }

  private static KvCache cache(ModelShape shape) {
    return KvCache.open(config(shape, Backend.SCALAR).build());
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  /** Every layer kind but windows: grouped heads, soft caps, values in keys, shared caches. */
  private static ModelShape manyKinds() {
    List<LayerShape> mixed = Shapes.MIXED.layers();
    LayerShape sharing =
        new LayerShape(4, 2, 16, 16, 0.25f, 0f, Shapes.ROPE, 0, false, OptionalInt.of(0));
    return new ModelShape(
        List.of(mixed.get(0), mixed.get(1), mixed.get(3), sharing), Shapes.MIXED.dtype());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        VOTES,
        "tokenselect(init=4,k=24,local=16,theta=2,keys=int8)",
        PAGES,
        "triforce(chunk=8,init=4,k=24,local=16)",
        "sentencekv(init=4,k=24,local=16,ends=1+2+3+4+5+6+7+8+9+10,longest=12)",
        "actqkv(init=4,k=32,local=16,block=16)",
        "oracle(init=4,k=24,local=16)",
        "sticky(init=4,k=64,local=16,block=8,moving=2)"
      })
  void readsWhatThePolicyChoosesAndNothingElse(String policy) {
    SelectiveReading reading = SelectiveReading.parse(policy);
    for (ModelShape shape : List.of(Shapes.PLAIN, manyKinds())) {
      SyntheticEngine engine = new SyntheticEngine(shape);
      try (KvCache cache = cache(shape);
          KvSession session = cache.openSession(Tenant.NONE, reading)) {
        engine.run(session, text(0, 300), 77);
        float[][] outputs = engine.step(session, text(300, 301));
        PlainSelection plain = new PlainSelection(shape, reading, text(0, 301));
        for (int layer = 0; layer < shape.layerCount(); layer++) {
          Selection selection = plain.select(layer, 300 / SPAN * SPAN);
          assertThat(selection.count(0)).as("layer %d", layer).isLessThan(301);
          assertClose(outputs[layer], plain.attend(layer, selection));
        }
        ReadingStats stats = cache.stats().reading();
        assertThat(stats.selected()).isEqualTo(shape.layerCount());
        assertThat(stats.building() + stats.whole()).isZero();
        assertThat(stats.attendedShare()).isLessThan(0.5);
        assertThat(stats.bytesScored()).isPositive();
        assertThat(stats.indexBytes()).isPositive();
        assertThat(stats.hitRate()).isEqualTo(1);
      }
    }
  }

  private static void assertClose(float[] found, double[] expected) {
    assertThat(found.length).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(2e-4));
    }
  }

  /** Recycled attention with a full step at each step chooses every row, one by one. */
  @ParameterizedTest
  @EnumSource(Backend.class)
  void choosingEveryRowGivesTheBitsOfFullAttention(Backend backend) {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    SelectiveReading all = SelectiveReading.parse("recycled(k=8,every=1)");
    SelectiveReading wide = SelectiveReading.parse("tokenselect(init=0,k=600,local=1)");
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, backend).build());
        KvSession exact = cache.openSession();
        KvSession chosen = cache.openSession(Tenant.NONE, all);
        KvSession whole = cache.openSession(Tenant.NONE, wide)) {
      for (KvSession session : List.of(exact, chosen, whole)) {
        engine.run(session, text(0, 250), 90);
      }
      for (int at = 250; at < 300; at++) {
        float[][] expected = engine.step(exact, text(at, at + 1));
        assertThat(engine.step(chosen, text(at, at + 1))).isDeepEqualTo(expected);
        assertThat(engine.step(whole, text(at, at + 1))).isDeepEqualTo(expected);
      }
      ReadingStats stats = cache.stats().reading();
      assertThat(stats.selected()).isEqualTo(150);
      assertThat(stats.rowsAttended()).isEqualTo(stats.rowsHeld());
      assertThat(stats.whole()).isEqualTo(150);
    }
  }

  /** With no key left out the threshold of every cluster lies below its score. */
  @Test
  void squeezedAttentionIsBuiltAtTheEndOfAPrompt() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    SelectiveReading half = SelectiveReading.parse("squeezed(percent=20,sparsity=0.7,observe=20)");
    try (KvCache cache = cache(Shapes.PLAIN);
        KvSession exact = cache.openSession();
        KvSession session = cache.openSession(Tenant.NONE, half)) {
      engine.step(exact, text(0, 300));
      engine.step(session, text(0, 300));
      assertThat(cache.stats().reading().indexBytes()).isPositive();
      float[][] expected = engine.step(exact, text(300, 301));
      assertThat(engine.step(session, text(300, 301))).isNotEqualTo(expected);
      assertThat(cache.stats().reading().selected()).isEqualTo(3);
      assertThat(cache.stats().reading().attendedShare()).isBetween(0.2, 0.8);
      session.truncate(200);
      exact.truncate(200);
      // The clusters are gone with their tokens: exact until the next prompt ends.
      assertThat(decode(engine, session, 200)).isDeepEqualTo(decode(engine, exact, 200));
      assertThat(cache.stats().reading().building()).isEqualTo(3);
    }
  }

  private static float[][] decode(SyntheticEngine engine, KvSession session, int at) {
    float[][] outputs = new float[3][];
    try (Step step = session.begin(text(at, at + 1), false)) {
      for (int layer = 0; layer < 3; layer++) {
        step.append(
            layer,
            engine.keys(layer, text(at, at + 1), at),
            engine.values(layer, text(at, at + 1), at));
        outputs[layer] = engine.attend(step, layer, text(at, at + 1), at);
      }
      step.end();
    }
    return outputs;
  }

  @ParameterizedTest
  @ValueSource(strings = {VOTES, PAGES, "actqkv(init=4,k=48,local=16,block=48)"})
  void aMatchedPrefixIsIndexedByTheFirstExactStep(String policy) {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    SelectiveReading reading = SelectiveReading.parse(policy);
    try (KvCache cache = cache(Shapes.PLAIN)) {
      float[][] expected;
      try (KvSession first = cache.openSession(Tenant.NONE, reading)) {
        engine.run(first, text(0, 301), 40);
        expected = engine.step(first, text(301, 302));
        assertThat(cache.stats().reading().building()).isZero();
      }
      try (KvSession second = cache.openSession(Tenant.NONE, reading)) {
        assertThat(second.reuse(text(0, 301))).isEqualTo(288);
        for (int at = 288; at < 301; at++) {
          engine.step(second, text(at, at + 1));
        }
        assertThat(cache.stats().reading().building()).isEqualTo(3);
        assertThat(engine.step(second, text(301, 302))).isDeepEqualTo(expected);
      }
      assertThat(cache.stats().reading().indexBytes()).isZero();
    }
  }

  @Test
  void aShortContextIsReadWhole() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    try (KvCache cache = cache(Shapes.PLAIN);
        KvSession exact = cache.openSession();
        KvSession session = cache.openSession(Tenant.NONE, SelectiveReading.parse(VOTES))) {
      for (int at = 0; at < 44; at++) {
        float[][] expected = engine.step(exact, text(at, at + 1));
        assertThat(engine.step(session, text(at, at + 1))).isDeepEqualTo(expected);
      }
      assertThat(cache.stats().reading().whole()).isEqualTo(44 * 3);
      assertThat(cache.stats().reading().selected()).isZero();
    }
  }

  @Test
  void promptsReadLittleOnlyIfAskedTo() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    SelectiveReading reading = SelectiveReading.parse(VOTES);
    try (KvCache cache = cache(Shapes.PLAIN);
        KvSession exact = cache.openSession();
        KvSession decoding = cache.openSession(Tenant.NONE, reading);
        KvSession always = cache.openSession(Tenant.NONE, reading.inPrompts())) {
      float[][] expected = engine.run(exact, text(0, 300), 50);
      assertThat(engine.run(decoding, text(0, 300), 50)).isDeepEqualTo(expected);
      assertThat(cache.stats().reading().selected()).isZero();
      assertThat(engine.run(always, text(0, 300), 50)).isNotEqualTo(expected);
      assertThat(cache.stats().reading().selected()).isPositive();
    }
  }

  /** A window is a choice of its own: layers that have one are read as before. */
  @Test
  void layersWithAWindowAreReadExactly() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.MIXED);
    try (KvCache cache = cache(Shapes.MIXED);
        KvSession session = cache.openSession(Tenant.NONE, SelectiveReading.parse(VOTES))) {
      engine.run(session, text(0, 300), 77);
      float[][] outputs = engine.step(session, text(300, 301));
      double[] expected = engine.reference(2, text(0, 301));
      assertClose(outputs[2], expected);
      assertThat(cache.stats().reading().selected()).isEqualTo(4);
    }
  }

  @Test
  void whatPagesBoundIsNeverLessThanWhatWasMissed() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    try (KvCache cache = cache(Shapes.PLAIN);
        KvSession session = cache.openSession(Tenant.NONE, SelectiveReading.parse(PAGES))) {
      engine.run(session, text(0, 300), 77);
      engine.step(session, text(300, 301));
      ReadingStats stats = cache.stats().reading();
      assertThat(stats.bounded()).isEqualTo(1);
      assertThat(stats.skippedMassBound()).isBetween(missed(0), 1.0);
    }
  }

  /** Mean share of the attention of a layer's heads that its choice leaves out. */
  private static double missed(int layer) {
    SelectiveReading reading = SelectiveReading.parse(PAGES);
    PlainSelection plain = new PlainSelection(Shapes.PLAIN, reading, text(0, 301));
    return plain.missed(layer, plain.select(layer, 288));
  }

  @Test
  void whatWasComputedFromAChoiceIsFoundByNobodyElse() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    SelectiveReading reading = SelectiveReading.parse(VOTES);
    try (KvCache cache = cache(Shapes.PLAIN)) {
      try (KvSession session = cache.openSession(Tenant.NONE, reading)) {
        engine.step(session, text(0, 200));
        for (int at = 200; at < 300; at++) {
          engine.step(session, text(at, at + 1));
        }
        assertThat(cache.stats().chunks()).isEqualTo(9);
      }
      try (KvSession exact = cache.openSession()) {
        assertThat(exact.reuse(text(0, 301))).isEqualTo(192);
      }
      // Cut back to before the first choice, the session is exact again.
      try (KvSession session = cache.openSession(Tenant.NONE, reading)) {
        session.reuse(text(0, 201));
        engine.step(session, text(192, 200));
        for (int at = 200; at < 230; at++) {
          engine.step(session, text(at, at + 1));
        }
        session.truncate(200);
        engine.step(session, text(200, 300));
      }
      try (KvSession exact = cache.openSession()) {
        assertThat(exact.reuse(text(0, 301))).isEqualTo(288);
      }
    }
  }

  @Test
  void policiesThatDoNotFitAreRefusedWhenTheSessionOpens() {
    LayerShape narrow =
        new LayerShape(4, 2, 16, 16, 0.25f, 0f, Shapes.ROPE, 40, false, OptionalInt.empty());
    SelectiveReading votes = SelectiveReading.parse(VOTES);
    try (KvCache cache = cache(Shapes.MIXED);
        KvCache windows = cache(new ModelShape(List.of(narrow, narrow), Shapes.MIXED.dtype()))) {
      assertThatThrownBy(() -> windows.openSession(Tenant.NONE, votes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("every layer of this model has a window");
      assertThatThrownBy(
              () -> cache.openSession(Tenant.NONE, SelectiveReading.parse("squeezed(observe=20)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("heads of another shape");
      assertThatThrownBy(
              () -> cache.openSession(Tenant.NONE, SelectiveReading.parse("squeezed(prefix=20)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("prefix=20");
      assertThatThrownBy(() ->
              cache.openSession(
                  Tenant.NONE,
                  new Acceptance.Exact(),
                  Optional.of(EvictionForgetting.parse("snapkv(budget=0.5)")),
                  Optional.of(votes)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not both")
          .hasMessageContaining("head to head");
    }
    assertThatThrownBy(() -> SelectiveReading.parse("tokenselct(k=3)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tokenselect");
    assertThatThrownBy(() -> SelectiveReading.parse("tokenselect(theta=NaN)"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
