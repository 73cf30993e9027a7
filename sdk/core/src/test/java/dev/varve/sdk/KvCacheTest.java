package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KvCacheTest {

  private static final int SPAN = 32;
  private static final long SLOT = 8192;
  private static final int[] TEXT = SyntheticEngine.tokens(7, 300);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Backend.class)
  void attendsAsTheDefinitionSays(Backend backend) {
    CacheConfig config = config(Shapes.MIXED, 200).backend(backend).build();
    SyntheticEngine engine = new SyntheticEngine(Shapes.MIXED);
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      float[][] last = engine.run(session, Arrays.copyOf(TEXT, 101), 37);
      for (int layer = 0; layer < last.length; layer++) {
        double[] expected = engine.reference(layer, Arrays.copyOf(TEXT, 101));
        for (int i = 0; i < expected.length; i++) {
          assertThat((double) last[layer][i])
              .as("layer %d element %d", layer, i)
              .isCloseTo(expected[i], within(1e-4));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void givesTheSameBitsWhateverTheChunkingAndTheResidency(Backend backend) {
    SyntheticEngine engine = new SyntheticEngine(Shapes.MIXED);
    float[][] expected;
    try (KvCache roomy = KvCache.open(config(Shapes.MIXED, 200).backend(backend).build());
        KvSession session = roomy.openSession()) {
      expected = engine.run(session, TEXT, TEXT.length);
    }
    // 10 spans of 4 blocks are 40 slots: this hot tier holds the growing blocks and little else.
    CacheConfig tight =
        CacheConfig.of(Shapes.MIXED, "model")
            .blockTokens(SPAN)
            .hot(6 * SLOT)
            .host(12 * 2 * SLOT)
            .ssd(folder, 64 << 20)
            .backend(backend)
            .build();
    try (KvCache cache = KvCache.open(tight);
        KvSession session = cache.openSession()) {
      float[][] last = engine.run(session, TEXT, SPAN);
      assertThat(last).isDeepEqualTo(expected);
      assertThat(cache.stats().tier(Tier.SSD).reads()).as("blocks read from SSD").isPositive();
      assertThat(cache.stats().tier(Tier.HOST).reads()).as("blocks read from HOST").isPositive();
      session.truncate(250);
      assertThat(engine.run(session, Arrays.copyOfRange(TEXT, 250, 300), 1))
          .isDeepEqualTo(expected);
    }
  }

  @Test
  void findsThePrefixInTheNextSessionAndAfterReopening() {
    CacheConfig config =
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(SPAN)
            .hot(20 * SLOT)
            .ssd(folder, 64 << 20)
            .build();
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    float[][] expected;
    try (KvCache cache = KvCache.open(config)) {
      try (KvSession session = cache.openSession()) {
        assertThat(session.reuse(TEXT)).isZero();
        expected = engine.run(session, TEXT, 50);
      }
      try (KvSession session = cache.openSession()) {
        assertThat(session.reuse(TEXT)).isEqualTo(288).isEqualTo(session.reusedTokens());
        assertThat(engine.run(session, Arrays.copyOfRange(TEXT, 288, 300), 5))
            .isDeepEqualTo(expected);
      }
    }
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      assertThat(session.reuse(TEXT)).isEqualTo(288);
      assertThat(engine.run(session, Arrays.copyOfRange(TEXT, 288, 300), 12))
          .isDeepEqualTo(expected);
      assertThat(cache.stats().reusedTokens()).isEqualTo(288);
    }
  }

  @Test
  void leavesTheLastTokenOfAFullHitToTheEngine() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    int[] prompt = Arrays.copyOf(TEXT, 2 * SPAN);
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 40).build())) {
      float[][] expected;
      try (KvSession session = cache.openSession()) {
        expected = engine.run(session, prompt, 20);
      }
      try (KvSession session = cache.openSession()) {
        assertThat(session.reuse(prompt)).isEqualTo(63);
        assertThat(engine.run(session, Arrays.copyOfRange(prompt, 63, 64), 1))
            .isDeepEqualTo(expected);
      }
      assertThat(cache.stats().chunks()).as("sealed again under the same key").isEqualTo(2);
    }
  }

  @Test
  void neverFindsBlocksOfAnotherModelOrTenant() {
    Tenant tenant = Tenant.of(new byte[] {1}, new byte[] {2});
    CacheConfig config = onSsd("model");
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession(tenant)) {
      new SyntheticEngine(Shapes.PLAIN).run(session, TEXT, 64);
    }
    try (KvCache cache = KvCache.open(config);
        KvSession own = cache.openSession(tenant);
        KvSession other = cache.openSession()) {
      assertThat(own.reuse(TEXT)).isEqualTo(288);
      assertThat(other.reuse(TEXT)).isZero();
    }
    try (KvCache cache = KvCache.open(onSsd("another model"));
        KvSession session = cache.openSession(tenant)) {
      assertThat(session.reuse(TEXT)).isZero();
    }
  }

  @Test
  void forksShareWhatIsSealedAndPartAfterIt() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    int[] left = Arrays.copyOf(TEXT, 120);
    int[] right = TEXT.clone();
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 60).build());
        KvSession first = cache.openSession()) {
      engine.run(first, Arrays.copyOf(TEXT, 100), 100);
      try (KvSession second = first.fork()) {
        assertThat(cache.stats().chunks()).isEqualTo(3);
        float[][] a = engine.run(first, Arrays.copyOfRange(left, 100, 120), 20);
        float[][] b = engine.run(second, Arrays.copyOfRange(right, 100, 120), 1);
        assertThat(b).isDeepEqualTo(a);
        assertThat(second.tokenIds()).isEqualTo(first.tokenIds());
      }
      assertThat(first.length()).isEqualTo(120);
    }
  }

  @Test
  void anAbortedStepLeavesNoTrace() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 60).build());
        KvSession session = cache.openSession();
        KvSession untouched = cache.openSession()) {
      engine.run(session, Arrays.copyOf(TEXT, 40), 40);
      long usedBefore = cache.stats().tier(Tier.HOT).usedBytes();
      int[] junk = SyntheticEngine.tokens(99, 90);
      try (Step step = session.begin(junk, false)) {
        step.append(0, engine.keys(0, junk, 40), engine.values(0, junk, 40));
        engine.attend(step, 0, junk, 40);
      }
      assertThat(session.length()).isEqualTo(40);
      assertThat(cache.stats().tier(Tier.HOT).usedBytes()).isEqualTo(usedBefore);
      float[][] expected = engine.run(untouched, Arrays.copyOf(TEXT, 45), 45);
      assertThat(engine.run(session, Arrays.copyOfRange(TEXT, 40, 45), 5)).isDeepEqualTo(expected);
    }
  }

  private CacheConfig onSsd(String model) {
    return CacheConfig.of(Shapes.PLAIN, model)
        .blockTokens(SPAN)
        .hot(30 * SLOT)
        .ssd(folder, 64 << 20)
        .build();
  }

  private static CacheConfig.Builder config(ModelShape shape, int slots) {
    return CacheConfig.of(shape, "model").blockTokens(SPAN).hot(slots * SLOT);
  }
}
