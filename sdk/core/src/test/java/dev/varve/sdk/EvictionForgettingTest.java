package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.eviction.EvictionPlanner;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.keep.HeadKeep;
import dev.varve.eviction.keep.KeepPlan;
import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.SessionHistory;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvictionForgettingTest {

  private static final int TOKENS = 170;
  private static final int[] TEXT = SyntheticEngine.tokens(19, 400);

  @TempDir Path folder;
  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final KvCache cache =
      KvCache.open(
          CacheConfig.of(Shapes.PLAIN, "model")
              .blockTokens(32)
              .hot(400 * 4096)
              .backend(Backend.SCALAR)
              .build());
  private KeepSets kept = new KeepSets(Shapes.PLAIN);

  @AfterEach
  void close() {
    cache.close();
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  /** Follows another one and notes its answers. */
  private final class Noted implements Forgetting {
    private final Forgetting inner;

    Noted(Forgetting inner) {
      this.inner = inner;
    }

    @Override
    public int queries() {
      return inner.queries();
    }

    @Override
    public OptionalDouble attentionDecay() {
      return inner.attentionDecay();
    }

    @Override
    public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
      return inner.due(tokens, stepTokens, lastOfPrompt, rows);
    }

    @Override
    public KeepSets keep(SessionHistory history) {
      kept = inner.keep(history);
      return kept;
    }
  }

  private void prompt(KvSession session, int from, int to, int chunk) {
    for (int at = from; at < to; at += chunk) {
      int end = Math.min(to, at + chunk);
      try (Step step = session.begin(text(at, end), end == to)) {
        for (int layer = 0; layer < 3; layer++) {
          step.append(
              layer,
              engine.keys(layer, text(at, end), at),
              engine.values(layer, text(at, end), at));
          engine.attend(step, layer, text(at, end), at);
        }
        step.end();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snapkv(budget=48,window=16,kernel=5)",
        "pyramidkv(budget=48,window=8)",
        "adakv(budget=0.25,window=8)",
        "tova(budget=40)",
        "h2o(budget=40)",
        "prefixkv(budget=40)",
        "ems(budget=40,window=8)",
        "zeromerge(budget=40)",
        "elastic(budget=40)",
        "expected(budget=40)",
        "knorm(budget=40)",
        "keydiff(budget=40)",
        "lagkv(budget=40,lag=16)",
        "infinipotv(budget=40,frame=10)",
        "zipvl(mass=0.8,probes=16)",
        "gemfilter(budget=40,layer=1)",
        "streamingllm(budget=40,sinks=4)",
        "streamingllm(budget=40)+compensate",
        "random(budget=40)+global",
        "snapkv(budget=40,window=8)+values"
      })
  void keepsWhatThePlannerSaysOfAPromptInChunks(String text) {
    EvictionPolicy policy = EvictionPolicies.parse(text);
    KeepPlan plan = new EvictionPlanner(policy, Backend.SCALAR).plan(observations(policy));
    try (KvSession session =
        cache.openSession(Tenant.NONE, new Noted(EvictionForgetting.of(policy)))) {
      prompt(session, 0, TOKENS, 60);
      assertThat(session.usage().rows()).isEqualTo(plan.slots());
      assertThat(session.usage().forgot()).isTrue();
      for (int layer = 0; layer < 3; layer++) {
        for (int head = 0; head < 2; head++) {
          HeadKeep expected = plan.head(layer, head);
          int[] merged = expected.merged().stream().mapToInt(MergedSlot::token).toArray();
          int[] plain =
              IntStream.of(expected.tokens())
                  .filter(token -> IntStream.of(merged).noneMatch(m -> m == token))
                  .toArray();
          assertThat(kept.of(layer, head).map(HeadKeepSet::rows)).hasValue(plain);
        }
      }
      prompt(session, TOKENS, 230, 25);
      assertThat(session.length()).isEqualTo(230);
      prompt(session, 230, 240, 1);
    }
  }

  private List<Observation> observations(EvictionPolicy policy) {
    List<Observation> layers = new ArrayList<>();
    LayerShape shape = Shapes.PLAIN.layers().getFirst();
    int queries = Math.min(TOKENS, policy.needs().window());
    for (int layer = 0; layer < 3; layer++) {
      QueryRows rows =
          queries == 0
              ? QueryRows.none()
              : new QueryRows(
                  rows(3, layer, TOKENS - queries, 4), 4, queries, 16, TOKENS - queries);
      layers.add(
          Observation.prompt(
              layer,
              shape,
              DenseRows.of(rows(1, layer, 0, 2), 2, TOKENS, 16),
              DenseRows.of(rows(2, layer, 0, 2), 2, TOKENS, 16),
              rows));
    }
    return layers;
  }

  /** Rows of the tokens from {@code from} on, head by head. */
  private static float[] rows(int kind, int layer, int from, int heads) {
    float[] rows = new float[heads * (TOKENS - from) * 16];
    int at = 0;
    for (int head = 0; head < heads; head++) {
      for (int t = from; t < TOKENS; t++) {
        for (int i = 0; i < 16; i++) {
          rows[at++] = SyntheticEngine.element(kind, layer, TEXT[t], t, head, i, heads);
        }
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snapkv(budget=48,window=8)",
        "pyramidkv(budget=48,window=8)",
        "adakv(budget=48,window=8)",
        "h2o(budget=48)",
        "streamingllm(budget=48)+compensate",
        "random(budget=48)+global"
      })
  void theSecondPromptMeetsTheBudgetAgain(String text) {
    try (KvSession session = cache.openSession(Tenant.NONE, EvictionForgetting.parse(text))) {
      for (int end : new int[] {100, 180, 181, 250, 330}) {
        prompt(session, session.length(), end, 64);
        assertThat(session.usage().rows()).as("%s after %d", text, end).isEqualTo(6 * 48);
      }
    }
  }

  @Test
  void aRatioCountsAllTokensSeen() {
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse("knorm(budget=0.25)"))) {
      for (int end : new int[] {100, 200, 320, 400}) {
        prompt(session, session.length(), end, 200);
        assertThat(session.usage().rows()).isEqualTo(6 * end / 4);
      }
    }
  }

  @Test
  void razorAttentionHoldsItsShareOverSeveralPrompts() throws IOException {
    Path map = folder.resolve("heads.json");
    Files.writeString(
        map,
        "{\"format\": \"varve-heads\", \"version\": 1, \"layers\": 3, \"kv_heads\": 2,"
            + " \"full\": {\"0\": [1], \"2\": [0]}}");
    String text =
        "razorattention(heads='" + map + "',compression=5,sinks=4,recent=16,compensation=true)";
    try (KvSession session = cache.openSession(Tenant.NONE, EvictionForgetting.parse(text))) {
      prompt(session, 0, 200, 64);
      assertThat(session.usage().rows()).isEqualTo(2 * 200 + 4 * (4 + 40 + 1));
      prompt(session, 200, 300, 64);
      assertThat(session.usage().rows()).isEqualTo(2 * 300 + 4 * (4 + 60 + 2));
      prompt(session, 300, 301, 64);
    }
  }

  @Test
  void aMapOfOtherHeadsIsRefusedAtOpen() throws IOException {
    Path map = folder.resolve("other.json");
    Files.writeString(
        map,
        "{\"format\": \"varve-heads\", \"version\": 1, \"layers\": 6, \"kv_heads\": 2, \"full\":"
            + " {}}");
    for (String method : List.of("razorattention", "duoattention")) {
      String text = method + "(heads='" + map + "')";
      assertThatThrownBy(() -> cache.openSession(Tenant.NONE, EvictionForgetting.parse(text)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is for 6 layers of 2 KV heads, the model has 3 layers of 2");
    }
  }

  @Test
  void aShortPromptIsKeptWhole() {
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse("snapkv(budget=0.5,window=32)"))) {
      prompt(session, 0, 20, 20);
      assertThat(session.usage().forgot()).isFalse();
      prompt(session, 20, 40, 20);
      assertThat(session.usage().rows()).as("the window alone").isEqualTo(6 * 32);
    }
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse("snapkv(budget=64)"))) {
      prompt(session, 0, 64, 20);
      assertThat(session.usage().forgot()).isFalse();
      prompt(session, 64, 65, 20);
      assertThat(session.usage().rows()).isEqualTo(6 * 64);
    }
  }

  @Test
  void forgetsAgainWhileDecoding() {
    String text = "streamingllm(budget=40,sinks=4)+decoding(every=10)";
    try (KvSession session = cache.openSession(Tenant.NONE, EvictionForgetting.parse(text))) {
      prompt(session, 0, 100, 40);
      for (int t = 100; t < 150; t++) {
        decode(session, t);
        assertThat(session.usage().rows()).isEqualTo(6L * (40 + (t - 99) % 10));
      }
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
  void aCapHoldsWhileAPromptIsGivenInChunks() {
    EvictionForgetting policy =
        EvictionForgetting.parse("infinipotv(budget=64,frame=8)").capped(96);
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      for (int at = 0; at < 400; at += 32) {
        int end = Math.min(400, at + 32);
        try (Step step = session.begin(text(at, end), false)) {
          for (int layer = 0; layer < 3; layer++) {
            step.append(
                layer,
                engine.keys(layer, text(at, end), at),
                engine.values(layer, text(at, end), at));
          }
          step.end();
        }
        assertThat(session.usage().rows()).isLessThanOrEqualTo(6 * 96);
      }
      assertThat(cache.stats().forgetting().compactions()).isGreaterThan(4);
    }
  }

  @Test
  void aForkForgetsForItself() {
    EvictionForgetting policy = EvictionForgetting.parse("snapkv(budget=40,window=8)");
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      prompt(session, 0, 100, 100);
      try (KvSession fork = session.fork()) {
        prompt(fork, 100, 160, 60);
        assertThat(fork.usage().rows()).isEqualTo(6 * 40);
        assertThat(session.length()).isEqualTo(100);
      }
      prompt(session, 100, 130, 30);
      assertThat(session.usage().rows()).isEqualTo(6 * 40);
    }
  }

  @Test
  void refusesAtOpenWhatASessionCannotDo() {
    refused(cache, "kvzip(budget=40)", "repeats the context, which a session does not have");
    refused(cache, "specpc(budget=80)", "scores from a draft model");
    refused(cache, "knorm(budget=40)+rerotate", "turns kept keys to other positions");
    refused(cache, "speckv(budget=40,lookahead=4)", "drops the last 4 tokens");
    refused(cache, "knorm(budget=40)+critical", "norms of the values after the output");
    assertThatThrownBy(() ->
            cache.openSession(
                Tenant.NONE, EvictionForgetting.parse("knorm(budget=40)+layers(weights=1:2)")))
        .hasMessageContaining("2 weights for a model of 3 layers");
    refused(cache, "gemfilter(budget=40,layer=3)", "scores with layer 3");
    ModelShape mixed = Shapes.MIXED;
    CacheConfig config = CacheConfig.of(mixed, "m").blockTokens(32).hot(50 * 8192).build();
    try (KvCache other = KvCache.open(config)) {
      refused(other, "gemfilter(budget=40,layer=1)", "one layer choose for all");
    }
    assertThatThrownBy(() -> EvictionForgetting.parse("snapkw(budget=40)"))
        .hasMessageContaining("did you mean 'snapkv'");
    assertThatThrownBy(() -> EvictionForgetting.parse("snapkv(budget=40)").capped(0))
        .hasMessageContaining("rows of the cap");
  }

  private static void refused(KvCache cache, String text, String sentence) {
    assertThatThrownBy(() -> cache.openSession(Tenant.NONE, EvictionForgetting.parse(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be used by a session: it")
        .hasMessageContaining(sentence);
  }

  @Test
  void worksOnLayersOfEveryKind() {
    SyntheticEngine mixed = new SyntheticEngine(Shapes.MIXED);
    CacheConfig config = CacheConfig.of(Shapes.MIXED, "m").blockTokens(32).hot(200 * 8192).build();
    try (KvCache other = KvCache.open(config)) {
      for (String text :
          List.of(
              "snapkv(budget=40,window=8)", "elastic(budget=40)", "adakv(budget=40,window=8)")) {
        EvictionForgetting policy = EvictionForgetting.parse(text);
        try (KvSession session = other.openSession(Tenant.NONE, policy)) {
          mixed.step(session, text(0, 150));
          // 2, 3, 2 and 1 heads; the window of the third layer shows 54 rows.
          assertThat(session.usage().rows()).as(text).isEqualTo(8 * 40);
          mixed.step(session, text(150, 260));
          assertThat(session.usage().rows()).as(text).isLessThanOrEqualTo(8 * 40);
          float[][] out = mixed.step(session, text(260, 261));
          for (float value : out[4]) {
            assertThat(value).as(text).isFinite();
          }
        }
      }
    }
  }
}
