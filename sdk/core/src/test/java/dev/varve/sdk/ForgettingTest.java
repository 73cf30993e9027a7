package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.LayerHistory;
import dev.varve.sdk.forgetting.MergedRow;
import dev.varve.store.Dtype;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForgettingTest {

  private static final int SPAN = 32;
  private static final long SLOT = 4096;
  private static final int[] TEXT = SyntheticEngine.tokens(77, 260);

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final SyntheticEngine mixed = new SyntheticEngine(Shapes.MIXED);

  private static CacheConfig.Builder config(ModelShape shape, long slots) {
    return CacheConfig.of(shape, "model").blockTokens(SPAN).hot(slots * 2 * SLOT);
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  @Test
  void aPolicyThatKeepsEverythingChangesNothing() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).build());
        KvSession plain = cache.openSession(Tenant.of(new byte[] {1}, new byte[] {2}));
        KvSession session =
            cache.openSession(
                Tenant.NONE, ScriptedForgetting.rows(row -> true).atTheEndOfPrompts())) {
      float[][] expected = engine.run(plain, TEXT, 50);
      assertThat(engine.run(session, TEXT, 50)).isDeepEqualTo(expected);
      assertThat(session.forget()).isFalse();
      assertThat(session.usage().forgot()).isFalse();
      try (KvSession other = cache.openSession()) {
        assertThat(other.reuse(TEXT)).as("its blocks are still shared").isEqualTo(256);
      }
      assertThat(cache.stats().forgetting().compactions()).isZero();
    }
  }

  /** One head of layer 0 forgets; the others hold all rows on pages with the borders of blocks. */
  @ParameterizedTest
  @EnumSource(Backend.class)
  void layersThatKeepEverythingGiveTheSameBits(Backend backend) {
    ScriptedForgetting policy =
        new ScriptedForgetting(history ->
            new KeepSets(history.shape()).set(0, 0, HeadKeepSet.of(range(5, history.rows(0, 0)))));
    try (KvCache cache = KvCache.open(config(Shapes.MIXED, 200).backend(backend).build());
        KvSession plain = cache.openSession();
        KvSession session = cache.openSession(Tenant.NONE, policy)) {
      mixed.run(plain, text(0, 150), 150);
      mixed.run(session, text(0, 150), 60);
      assertThat(session.forget()).isTrue();
      for (int at = 150; at < 260; at += 11) {
        int end = Math.min(260, at + 11);
        float[][] expected = mixed.step(plain, text(at, end));
        float[][] actual = mixed.step(session, text(at, end));
        for (int layer = 1; layer <= 3; layer++) {
          assertThat(actual[layer]).as("layer %d from %d", layer, at).isEqualTo(expected[layer]);
        }
        assertThat(actual[0]).as("a head of layer 0 forgot").isNotEqualTo(expected[0]);
        assertThat(actual[4]).as("layer 4 reads layer 0").isNotEqualTo(expected[4]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void attendsToWhatIsKeptAndToNothingElse(Backend backend) {
    ScriptedForgetting policy =
        new ScriptedForgetting(history -> {
          KeepSets keep = ScriptedForgetting.keep(history, row -> row % 3 == 0 || row > 120);
          keep.set(0, 1, HeadKeepSet.of(0));
          return keep.set(3, 0, HeadKeepSet.of());
        });
    try (KvCache cache = KvCache.open(config(Shapes.MIXED, 200).backend(backend).build());
        KvSession session = cache.openSession(Tenant.NONE, policy)) {
      PlainMemory memory = new PlainMemory(Shapes.MIXED);
      mixed.run(session, text(0, 150), 60);
      // The layer with the window shows the rows from position 96 on.
      for (int t = 0; t < 150; t++) {
        memory.append(TEXT[t], t);
      }
      for (int head = 0; head < 2; head++) {
        memory.rows(2, head).removeIf(row -> row.last() < 96);
      }
      assertThat(session.forget()).isTrue();
      KeepSets keep = new KeepSets(Shapes.MIXED);
      for (int layer = 0; layer < 4; layer++) {
        for (int head = 0; head < Shapes.MIXED.layers().get(layer).kvHeads(); head++) {
          int rows = memory.rows(layer, head).size();
          int[] kept = IntStream.range(0, rows).filter(r -> r % 3 == 0 || r > 120).toArray();
          keep.set(layer, head, HeadKeepSet.of(kept));
        }
      }
      keep.set(0, 1, HeadKeepSet.of(0)).set(3, 0, HeadKeepSet.of());
      memory.keep(keep);
      assertThat(session.usage().rows()).isEqualTo(memory.rowCount());
      for (int t = 150; t < 260; t++) {
        memory.append(TEXT[t], t);
        float[][] out = mixed.step(session, text(t, t + 1));
        for (int layer = 0; layer < out.length; layer++) {
          assertClose(out[layer], memory.attend(layer, TEXT[t], t), 2e-4, "token " + t);
        }
      }
    }
  }

  static void assertClose(float[] actual, double[] expected, double tolerance, String when) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("%s element %d", when, i)
          .isCloseTo(expected[i], within(tolerance));
    }
  }

  @Test
  void freesTheMemoryThatIsForgottenAndCountsIt() {
    ScriptedForgetting policy = ScriptedForgetting.rows(row -> row >= 224);
    // 8 blocks of 3 layers, and 260 tokens: 27 slots, one more where far blocks land.
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 20).build());
        KvSession session = cache.openSession(Tenant.NONE, policy.atTheEndOfPrompts())) {
      engine.step(session, TEXT);
      SessionUsage usage = session.usage();
      assertThat(usage.forgot()).isTrue();
      assertThat(usage.rows()).isEqualTo(3 * 2 * 36);
      assertThat(usage.rowBytes()).isEqualTo(3 * 2 * 36 * 64);
      assertThat(usage.fullBytes()).isEqualTo(3 * 2 * 260 * 64);
      assertThat(usage.ownBytes()).as("2 heads with 2 pages a layer").isEqualTo(3 * 2 * SLOT);
      ForgettingStats stats = cache.stats().forgetting();
      assertThat(stats.compactions()).isEqualTo(1);
      assertThat(stats.rowsBefore()).isEqualTo(3 * 2 * 260);
      assertThat(stats.rowsAfter()).isEqualTo(3 * 2 * 36);
      assertThat(stats.bytesBefore()).isEqualTo(usage.fullBytes());
      assertThat(stats.bytesAfter()).isEqualTo(usage.rowBytes());
      assertThat(stats.privateBytes()).isEqualTo(usage.ownBytes());
      // Nobody claims the shared blocks: a session of another text pushes them all out.
      try (KvSession other = cache.openSession()) {
        engine.step(other, SyntheticEngine.tokens(5, 32 * 10));
      }
      try (KvSession late = cache.openSession()) {
        assertThat(late.reuse(TEXT)).isLessThan(256);
      }
      session.truncate(0);
      assertThat(cache.stats().forgetting().privateBytes()).isZero();
    }
  }

  @Test
  void unusedMemoryIsBelowOnePageAHead() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).build())) {
      for (int kept = 1; kept <= 97; kept += 8) {
        int most = kept;
        ScriptedForgetting policy = ScriptedForgetting.rows(row -> row < most);
        try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
          engine.step(session, TEXT);
          session.forget();
          int pages = (kept + SPAN - 1) / SPAN;
          assertThat(session.usage().ownBytes()).isEqualTo(3L * pages * SLOT);
        }
      }
    }
  }

  @Test
  void anotherSessionOfTheSamePrefixIsUntouched() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).build());
        KvSession alone = cache.openSession(Tenant.of(new byte[] {1}, new byte[] {2}));
        KvSession stays = cache.openSession();
        KvSession forgets =
            cache.openSession(Tenant.NONE, ScriptedForgetting.rows(row -> row % 7 == 0))) {
      engine.run(alone, text(0, 200), 200);
      engine.run(stays, text(0, 200), 200);
      assertThat(forgets.reuse(text(0, 200))).isEqualTo(192);
      engine.run(forgets, text(192, 200), 8);
      assertThat(forgets.forget()).isTrue();
      long chunks = cache.stats().chunks();
      for (int t = 200; t < 260; t++) {
        engine.step(forgets, text(t, t + 1));
        assertThat(engine.step(stays, text(t, t + 1)))
            .isDeepEqualTo(engine.step(alone, text(t, t + 1)));
      }
      assertThat(forgets.forget()).isTrue();
      assertThat(cache.stats().chunks()).as("only the others sealed").isEqualTo(chunks + 4);
    }
  }

  @Test
  void noOtherSessionFindsWhatWasComputedAfterAForgetting() {
    ScriptedForgetting policy = ScriptedForgetting.rows(row -> row > 60);
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).build());
        KvSession session = cache.openSession(Tenant.NONE, policy)) {
      engine.run(session, text(0, 70), 70);
      session.forget();
      engine.run(session, text(70, 260), 40);
      assertThat(session.length()).isEqualTo(260);
      assertThat(session.tokenIds()).isEqualTo(TEXT);
      try (KvSession other = cache.openSession()) {
        assertThat(other.reuse(TEXT)).as("what was exact stays shared").isEqualTo(64);
      }
      session.endTurn();
      session.truncate(0);
      assertThat(session.usage().ownBytes()).isZero();
      engine.run(session, TEXT, 100);
      try (KvSession other = cache.openSession()) {
        assertThat(other.reuse(TEXT)).as("exact again from the start").isEqualTo(256);
      }
    }
  }

  @Test
  void equalRowsMergedWithTheirCountGiveWhatTheyGaveApart() {
    // The 40 tokens from position 30 on are one token at one position to every head.
    ScriptedForgetting policy =
        new ScriptedForgetting(history -> {
          KeepSets keep = new KeepSets(history.shape());
          for (int layer = 0; layer < 3; layer++) {
            LayerHistory rows = history.layer(layer);
            for (int head = 0; head < 2; head++) {
              int[] apart = IntStream.range(0, 100).filter(r -> r < 30 || r >= 70).toArray();
              float[] key = floats(rows, head, 30, true);
              float[] value = floats(rows, head, 30, false);
              MergedRow merged = new MergedRow(30, 69, key, value, 40);
              keep.set(layer, head, new HeadKeepSet(apart, List.of(merged)));
            }
          }
          return keep;
        });
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).build());
        KvSession plain = cache.openSession(Tenant.of(new byte[] {1}, new byte[] {2}));
        KvSession session = cache.openSession(Tenant.NONE, policy)) {
      withEqualRows(plain);
      withEqualRows(session);
      assertThat(session.forget()).isTrue();
      assertThat(session.usage().rows()).isEqualTo(3 * 2 * 61);
      for (int t = 100; t < 140; t++) {
        float[][] expected = engine.step(plain, text(t, t + 1));
        float[][] actual = engine.step(session, text(t, t + 1));
        for (int layer = 0; layer < 3; layer++) {
          assertThat(actual[layer]).containsExactly(expected[layer], within(1e-5f));
        }
      }
      assertThatThrownBy(() -> session.truncate(50))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("positions 30 to 69")
          .hasMessageContaining("cannot be cut at 50");
      assertThat(session.length()).isEqualTo(140);
      session.truncate(70);
      assertThat(session.usage().rows()).isEqualTo(3 * 2 * 31);
      session.truncate(30);
      assertThat(session.usage().rows()).isEqualTo(3 * 2 * 30);
      engine.step(session, text(30, 40));
    }
  }

  private void withEqualRows(KvSession session) {
    int[] ids = text(0, 100);
    try (Step step = session.begin(ids, true)) {
      for (int layer = 0; layer < 3; layer++) {
        step.append(
            layer, equalRows(engine.keys(layer, ids, 0)), equalRows(engine.values(layer, ids, 0)));
        engine.attend(step, layer, ids, 0);
      }
      step.end();
    }
  }

  private static EngineTensor equalRows(EngineTensor tensor) {
    for (int t = 31; t < 70; t++) {
      tensor
          .memory()
          .asSlice(tensor.offset(t, 0), tensor.tokenStride())
          .copyFrom(tensor.memory().asSlice(tensor.offset(30, 0), tensor.tokenStride()));
    }
    return tensor;
  }

  static float[] floats(LayerHistory rows, int head, int row, boolean key) {
    float[] target = new float[key ? rows.shape().keyDim() : rows.shape().valueDim()];
    var stored = key ? rows.keys(head) : rows.values(head);
    DtypeKernel.of(Backend.SCALAR, Dtype.F16)
        .load(stored.bytes(), stored.offset(row), target, 0, target.length);
    return target;
  }

  @Test
  void theSessionIsWholeIfThereIsNoRoomForTheCopy() {
    ScriptedForgetting policy = ScriptedForgetting.rows(row -> row > 0).atTheEndOfPrompts();
    // 96 tokens fill 9 slots; the tenth is where far blocks land, and a copy takes nine more.
    CacheConfig tight =
        CacheConfig.of(Shapes.PLAIN, "model").blockTokens(SPAN).hot(13 * SLOT).build();
    try (KvCache cache = KvCache.open(tight);
        KvSession session = cache.openSession(Tenant.NONE, policy);
        KvCache roomy = KvCache.open(config(Shapes.PLAIN, 100).build());
        KvSession plain = roomy.openSession()) {
      engine.run(plain, text(0, 96), 96);
      engine.step(session, text(0, 96));
      assertThat(session.forgettingFailure().orElseThrow())
          .isInstanceOf(HotTierFullException.class)
          .hasMessageContaining("nothing was forgotten and the session is whole")
          .hasMessageContaining("9 hot slots");
      assertThatThrownBy(session::forget).isInstanceOf(HotTierFullException.class);
      assertThat(cache.stats().forgetting().failures()).isEqualTo(1);
      assertThat(session.length()).isEqualTo(96);
      assertThat(session.usage().forgot()).isFalse();
      session.truncate(32);
      plain.truncate(32);
      float[][] expected = engine.step(plain, text(32, 50));
      assertThat(engine.step(session, text(32, 50))).isDeepEqualTo(expected);
      assertThat(session.usage().forgot()).isTrue();
      assertThat(session.forgettingFailure()).isEmpty();
    }
  }

  @Test
  void theSecondPromptForgetsAmongWhatIsLeftAndWhatIsNew() {
    ScriptedForgetting policy = ScriptedForgetting.rows(row -> row % 2 == 0).atTheEndOfPrompts();
    PlainMemory memory = new PlainMemory(Shapes.PLAIN);
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).build());
        KvSession session = cache.openSession(Tenant.NONE, policy)) {
      int at = 0;
      for (int length : new int[] {90, 40, 70, 1, 33}) {
        engine.step(session, text(at, at + length));
        for (int t = at; t < at + length; t++) {
          memory.append(TEXT[t], t);
        }
        at += length;
        KeepSets keep = new KeepSets(Shapes.PLAIN);
        for (int layer = 0; layer < 3; layer++) {
          for (int head = 0; head < 2; head++) {
            int rows = memory.rows(layer, head).size();
            int[] even = IntStream.range(0, rows).filter(r -> r % 2 == 0).toArray();
            keep.set(layer, head, HeadKeepSet.of(even));
          }
        }
        memory.keep(keep);
        assertThat(session.usage().rows()).isEqualTo(memory.rowCount());
      }
      try (KvSession fork = session.fork();
          Step step = fork.begin(text(at, at + 1), false)) {
        memory.append(TEXT[at], at);
        for (int layer = 0; layer < 3; layer++) {
          step.append(
              layer,
              engine.keys(layer, text(at, at + 1), at),
              engine.values(layer, text(at, at + 1), at));
          float[] out = engine.attend(step, layer, text(at, at + 1), at);
          assertClose(out, memory.attend(layer, TEXT[at], at), 2e-4, "the fork");
        }
      }
    }
  }

  @Test
  void showsTheNewestQueriesAndAllRowsToThePolicy() {
    int[] seen = {0};
    ScriptedForgetting policy =
        new ScriptedForgetting(history -> {
          assertThat(history.tokens()).isEqualTo(100);
          for (int layer = 0; layer < 4; layer++) {
            LayerHistory rows = history.layer(layer);
            int heads = rows.shape().queryHeads();
            int dim = rows.shape().keyDim();
            float[] queries = history.queryRows(layer);
            assertThat(history.queries(layer)).isEqualTo(8);
            for (int i = 0; i < 8 * heads * dim; i++) {
              int t = 92 + i / (heads * dim);
              int head = i / dim % heads;
              assertThat(queries[i])
                  .isEqualTo(SyntheticEngine.element(3, layer, TEXT[t], t, head, i % dim, heads));
            }
            int from = layer == 2 ? 32 : 0;
            assertThat(rows.rows(0)).isEqualTo(100 - from);
            for (int head = 0; head < rows.shape().kvHeads(); head++) {
              for (int row = 0; row < rows.rows(head); row += 13) {
                int t = rows.position(head, row);
                assertThat(t).isEqualTo(from + row);
                float[] key = floats(rows, head, row, true);
                int kvHeads = rows.shape().kvHeads();
                assertThat(key[3])
                    .isEqualTo(SyntheticEngine.element(1, layer, TEXT[t], t, head, 3, kvHeads));
                int kind = rows.shape().valueIsPrefixOfKey() ? 1 : 2;
                assertThat(floats(rows, head, row, false)[2])
                    .isEqualTo(SyntheticEngine.element(kind, layer, TEXT[t], t, head, 2, kvHeads));
              }
            }
            seen[0]++;
          }
          assertThatThrownBy(() -> history.layer(4)).hasMessageContaining("cache of layer 0");
          return new KeepSets(history.shape());
        });
    try (KvCache cache = KvCache.open(config(Shapes.MIXED, 200).build())) {
      try (KvSession first = cache.openSession()) {
        mixed.run(first, TEXT, 260);
      }
      try (KvSession session = cache.openSession(Tenant.NONE, policy.queries(8))) {
        assertThat(session.reuse(text(0, 100))).as("8 queries are left to see").isEqualTo(92);
        mixed.step(session, text(92, 100));
        session.forget();
      }
      assertThat(seen[0]).isEqualTo(4);
    }
  }

  @Test
  void parkedTokensStayStoredAndAreCounted(@TempDir Path folder) {
    ScriptedForgetting policy = ScriptedForgetting.rows(row -> row > 240).parking();
    CacheConfig config = config(Shapes.PLAIN, 20).ssd(folder, 4 << 20).build();
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession(Tenant.NONE, policy)) {
      engine.step(session, TEXT);
      session.forget();
      assertThat(session.usage().parkedTokens()).isEqualTo(256);
      assertThat(session.usage().parkedBytes()).isEqualTo(8 * 3 * SLOT);
      assertThat(cache.stats().forgetting().parkedBytes()).isEqualTo(8 * 3 * SLOT);
      // Others push the parked chunks out of the hot tier, and out of the cache if they could.
      try (KvSession other = cache.openSession()) {
        engine.step(other, SyntheticEngine.tokens(5, 32 * 10));
      }
      assertThat(cache.stats().tier(Tier.SSD).blocks()).isPositive();
      try (KvSession fork = session.fork()) {
        assertThat(fork.usage().parkedTokens()).isEqualTo(256);
      }
      assertThat(cache.stats().forgetting().parkedTokens()).isEqualTo(256);
      try (KvSession late = cache.openSession()) {
        assertThat(late.reuse(TEXT)).as("what is parked is found").isEqualTo(256);
      }
      session.truncate(250);
      assertThat(session.usage().parkedTokens()).isEqualTo(224);
      session.truncate(0);
      assertThat(cache.stats().forgetting().parkedBytes()).isZero();
    }
  }

  @Test
  void refusesWhatCannotWork() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).build());
        KvSession plain = cache.openSession()) {
      assertThatThrownBy(plain::forget)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("without a policy");
      assertThatThrownBy(
              () -> cache.openSession(Tenant.NONE, ScriptedForgetting.rows(row -> true).parking()))
          .hasMessageContaining("this cache has none")
          .hasMessageContaining("do not park");
      assertThatThrownBy(() ->
              cache.openSession(Tenant.NONE, ScriptedForgetting.rows(row -> true).queries(-1)))
          .hasMessageContaining("-1");
      refuses(cache, HeadKeepSet.of(3, 70), "holds rows 0 to 69, kept are rows 3 to 70");
      refuses(cache, HeadKeepSet.of(-1), "kept are rows -1 to -1");
      refuses(cache, merged(0, 70, 16, 16, 1), "position 70, the session has 70 tokens");
      refuses(cache, merged(0, 5, 17, 16, 1), "key of a merged row of layer 1 head 0 has 17");
      refuses(cache, merged(0, 5, 16, 15, 1), "value of a merged row of layer 1 head 0 has 15");
      float[] nan = new float[16];
      nan[3] = Float.NaN;
      refuses(
          cache,
          new HeadKeepSet(new int[0], List.of(new MergedRow(0, 1, nan, new float[16], 2))),
          "holds NaN");
    }
    assertThatThrownBy(() -> HeadKeepSet.of(3, 3)).hasMessageContaining("row 3 follows row 3");
    assertThatThrownBy(() -> merged(4, 3, 16, 16, 1)).hasMessageContaining("4 to 3");
    assertThatThrownBy(() -> merged(0, 3, 16, 16, 0)).hasMessageContaining("above 0: 0.0");
    assertThatThrownBy(() -> merged(0, 3, 16, 16, Float.NaN)).hasMessageContaining("NaN");
    MergedRow late = new MergedRow(0, 9, new float[1], new float[1], 1);
    MergedRow early = new MergedRow(0, 8, new float[1], new float[1], 1);
    assertThatThrownBy(() -> new HeadKeepSet(new int[0], List.of(late, early)))
        .hasMessageContaining("position 8 follows 9");
    assertThatThrownBy(() -> new KeepSets(Shapes.MIXED).set(4, 0, HeadKeepSet.of()))
        .hasMessageContaining("reads the cache of layer 0");
  }

  private static HeadKeepSet merged(int first, int last, int keyDim, int valueDim, float weight) {
    MergedRow row = new MergedRow(first, last, new float[keyDim], new float[valueDim], weight);
    return new HeadKeepSet(new int[0], List.of(row));
  }

  private void refuses(KvCache cache, HeadKeepSet kept, String sentence) {
    ScriptedForgetting policy =
        new ScriptedForgetting(history -> new KeepSets(history.shape()).set(1, 0, kept));
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      engine.step(session, text(0, 70));
      assertThatThrownBy(session::forget)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(sentence);
      assertThat(session.usage().forgot()).isFalse();
      engine.step(session, text(70, 71));
    }
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }
}
