package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.online.OnlineEviction;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.SessionHistory;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnlineForgettingTest {

  private static final int[] TEXT = SyntheticEngine.tokens(29, 400);
  private static final int PROMPT = 150;

  @TempDir Path folder;
  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private KvCache cache = KvCache.open(config().build());

  private static CacheConfig.Builder config() {
    return CacheConfig.of(Shapes.PLAIN, "model")
        .blockTokens(32)
        .hot(400 * 4096)
        .backend(Backend.SCALAR);
  }

  @AfterEach
  void close() {
    cache.close();
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  /** Follows another policy, notes what it keeps, and shows a test what the session holds. */
  private static final class Noted implements Forgetting {
    private final Forgetting inner;
    private KeepSets kept = new KeepSets(Shapes.PLAIN);
    private Optional<Consumer<SessionHistory>> look = Optional.empty();

    Noted(Forgetting inner) {
      this.inner = inner;
    }

    void look(KvSession session, Consumer<SessionHistory> at) {
      look = Optional.of(at);
      assertThat(session.forget()).isFalse();
      look = Optional.empty();
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
    public Optional<OnlineEviction> online() {
      return inner.online();
    }

    @Override
    public int places(int layer, int kvHead, int rows, int decidedAt, int tokens) {
      return inner.places(layer, kvHead, rows, decidedAt, tokens);
    }

    @Override
    public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
      return inner.due(tokens, stepTokens, lastOfPrompt, rows);
    }

    @Override
    public KeepSets keep(SessionHistory history) {
      if (look.isPresent()) {
        look.get().accept(history);
        return new KeepSets(history.shape());
      }
      kept = inner.keep(history);
      return kept;
    }
  }

  private float[][] prompt(KvSession session, int from, int to, int chunk) {
    float[][] out = {};
    for (int at = from; at < to; at += chunk) {
      out = step(session, at, Math.min(to, at + chunk), at + chunk >= to);
    }
    return out;
  }

  private float[][] step(KvSession session, int from, int to, boolean last) {
    float[][] out = new float[3][];
    try (Step step = session.begin(text(from, to), last)) {
      for (int layer = 0; layer < 3; layer++) {
        step.append(
            layer,
            engine.keys(layer, text(from, to), from),
            engine.values(layer, text(from, to), from));
        out[layer] = engine.attend(step, layer, text(from, to), from);
      }
      step.end();
    }
    assertThat(session.forgettingFailure()).isEmpty();
    return out;
  }

  private float[][] decode(KvSession session, int at) {
    return step(session, at, at + 1, false);
  }

  @Test
  void h2oDropsWhatHasTheLeastAttentionAtEveryStep() {
    follow("h2o(budget=40,recent=8,group=sum)+online", 1, 8, false);
  }

  @Test
  void zeroMergeFoldsIntoItsDenseSlot() {
    follow("zeromerge(budget=40,tail=8,decay=0.9,alpha=1)+online", 0.9, 9, true);
  }

  /** Holds every step against lists that are kept in the plainest way. */
  private void follow(String text, double decay, int newest, boolean merges) {
    Noted policy = new Noted(EvictionForgetting.parse(text));
    PlainOnline plain = new PlainOnline(decay, newest, merges);
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      for (int at = 0; at < PROMPT; at++) {
        plain.append(TEXT[at], at);
      }
      prompt(session, 0, PROMPT, 47);
      plain.keep(policy.kept);
      for (int at = PROMPT; at < PROMPT + 60; at++) {
        plain.append(TEXT[at], at);
        float[][] out = decode(session, at);
        plain.check(out, TEXT[at], at);
        plain.evict(40);
        assertThat(session.usage().rows()).isEqualTo(6 * 40);
        policy.look(session, plain::check);
      }
      assertThat(cache.stats().forgetting().decodedRows()).isEqualTo(6 * 60);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h2o(budget=48)+online",
        "h2o(budget=0.25,normalized=true)+online",
        "zeromerge(budget=48)+online",
        "zeromerge(budget=48,dense=3)+online",
        "elastic(budget=48)+online",
        "prefixkv(budget=48)+online",
        "h2o(budget=48)+ada+online",
        "streamingllm(budget=48)+compensate+online"
      })
  void whatASessionKnowsFollowsItIntoForksAndFiles(String text) {
    cache.close();
    cache = KvCache.open(config().ssd(folder, 8 << 20).build());
    List<float[][]> expected = new ArrayList<>();
    long rows;
    try (KvSession session = cache.openSession(Tenant.NONE, EvictionForgetting.parse(text))) {
      prompt(session, 0, PROMPT, 64);
      for (int at = PROMPT; at < 170; at++) {
        decode(session, at);
      }
      assertThat(session.save("s")).isZero();
      try (KvSession fork = session.fork()) {
        for (int at = 170; at < 200; at++) {
          expected.add(decode(session, at));
          assertThat(decode(fork, at)).as(text).isDeepEqualTo(expected.getLast());
        }
        expected.add(prompt(session, 200, 260, 33));
        rows = session.usage().rows();
        prompt(fork, 200, 260, 33);
        assertThat(fork.usage().rows()).isEqualTo(rows);
      }
    }
    cache.close();
    cache = KvCache.open(config().ssd(folder, 8 << 20).build());
    Resumption.Resumed resumed =
        (Resumption.Resumed) cache.resume(Tenant.NONE, "s", EvictionForgetting.parse(text));
    try (KvSession session = resumed.session()) {
      for (int at = 170; at < 200; at++) {
        assertClose(text, decode(session, at), expected.get(at - 170));
      }
      assertClose(text, prompt(session, 200, 260, 33), expected.getLast());
      assertThat(session.usage().rows()).isEqualTo(rows);
    }
  }

  /** A file holds averages as they are stored, in 16 bits; all else comes back bit by bit. */
  private static void assertClose(String text, float[][] is, float[][] expected) {
    for (int layer = 0; layer < 3; layer++) {
      if (text.contains("zeromerge") || text.contains("compensate")) {
        assertThat(is[layer]).as(text).containsExactly(expected[layer], within(2e-3f));
      } else {
        assertThat(is[layer]).as(text).isEqualTo(expected[layer]);
      }
    }
  }

  @Test
  void aShortPromptIsForgottenFromWhenTheAnswerPassesTheBudget() {
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse("h2o(budget=48)+online"))) {
      prompt(session, 0, 30, 30);
      for (int at = 30; at < 90; at++) {
        decode(session, at);
        assertThat(session.usage().rows()).isEqualTo(6L * Math.min(48, at + 1));
      }
      assertThat(cache.stats().forgetting().compactions()).isEqualTo(1);
    }
  }

  @Test
  void aShareOfTheTokensGrowsWithThem() {
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse("elastic(budget=0.25)+online"))) {
      prompt(session, 0, 160, 64);
      for (int at = 160; at < 300; at++) {
        decode(session, at);
        assertThat(session.usage().rows()).isEqualTo(6L * ((at + 1) / 4));
      }
    }
  }

  @Test
  void razorAttentionFoldsWhatLeavesIntoItsCompensationToken() throws IOException {
    Path map = folder.resolve("heads.json");
    Files.writeString(
        map,
        "{\"format\": \"varve-heads\", \"version\": 1, \"layers\": 3, \"kv_heads\": 2,"
            + " \"full\": {\"0\": [1], \"2\": [0]}}");
    String text = "razorattention(heads='" + map + "',compression=5,sinks=4,recent=16)+online";
    Noted policy = new Noted(EvictionForgetting.parse(text));
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      prompt(session, 0, 200, 64);
      for (int at = 200; at < 300; at++) {
        decode(session, at);
        int streaming = 4 + (at + 1) / 5 + 1;
        assertThat(session.usage().rows()).isEqualTo(2 * (at + 1) + 4 * streaming);
      }
      policy.look(
          session,
          history -> {
            float weight = 0;
            float[] mean = new float[16];
            for (int row = 0; row < history.rows(1, 0); row++) {
              weight += history.layer(1).weight(0, row);
            }
            assertThat(weight).isEqualTo(300);
            assertThat(history.merged(1, 0, 4)).isTrue();
            for (int at = 4; at < 240; at++) {
              for (int i = 0; i < 16; i++) {
                mean[i] += SyntheticEngine.element(1, 1, TEXT[at], at, 0, i, 2) / 236;
              }
            }
            float[] key = ForgettingTest.floats(history.layer(1), 0, 4, true);
            assertThat(key).containsExactly(mean, within(1e-3f));
          });
    }
  }

  @Test
  void cuttingBehindWhatWentLeavesTheRest() {
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse("h2o(budget=48)+online"))) {
      prompt(session, 0, 100, 64);
      for (int at = 100; at < 120; at++) {
        decode(session, at);
      }
      session.truncate(110);
      assertThat(session.length()).isEqualTo(110);
      for (int at = 110; at < 180; at++) {
        decode(session, at);
        assertThat(session.usage().rows()).isLessThanOrEqualTo(6 * 48);
      }
      session.truncate(0);
      prompt(session, 0, 100, 64);
      assertThat(session.usage().rows()).isEqualTo(6 * 48);
    }
  }

  @Test
  void aStepThatIsGivenUpLeavesNoAttention() {
    Noted policy = new Noted(EvictionForgetting.parse("h2o(budget=48)+online"));
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      prompt(session, 0, 40, 40);
      List<float[][]> before = new ArrayList<>();
      policy.look(session, history -> before.add(history.attention(1, 0).orElseThrow()));
      try (Step step = session.begin(text(40, 60), false)) {
        step.append(0, engine.keys(0, text(40, 60), 40), engine.values(0, text(40, 60), 40));
        engine.attend(step, 0, text(40, 60), 40);
      }
      policy.look(session, history -> before.add(history.attention(1, 0).orElseThrow()));
      assertThat(before.get(1)).isDeepEqualTo(before.get(0));
      double sum = 0;
      for (float[] head : before.get(0)) {
        for (float share : head) {
          sum += share;
        }
      }
      assertThat(sum).as("every query gives one").isCloseTo(2 * 40, within(1e-3));
    }
  }

  @Test
  void methodsThatDoNotSayWhatGoesAreRefused() {
    assertThatThrownBy(() -> EvictionForgetting.parse("snapkv(budget=48)+online"))
        .hasMessageContaining("does not say which one goes then: use decoding(every=N)");
    assertThatThrownBy(() -> EvictionForgetting.parse("h2o(budget=48)+online+decoding(every=8)"))
        .hasMessageContaining("leave one out");
    assertThatThrownBy(() -> EvictionForgetting.parse("zeromerge(budget=48,alpha=0)+online"))
        .hasMessageContaining("or an option of it");
  }
}
