package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.Encodings;
import dev.varve.sdk.attention.AttentionCost;
import dev.varve.sdk.internal.Clocks;
import dev.varve.store.Encoding;
import dev.varve.store.ModelShape;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions whose blocks do not all fit into the hot tier. */
class FarAttentionTest {

  private static final int SPAN = 32;
  private static final int[] TEXT = SyntheticEngine.tokens(31, 400);

  @TempDir Path folder;

  /** A clock on which nothing takes time: both ways cost the same, and in place is taken. */
  private static KvCache open(CacheConfig config) {
    return KvCache.open(config, new Clocks(new AtomicLong(1)::get, System::currentTimeMillis));
  }

  private CacheConfig.Builder config(ModelShape shape, boolean room) {
    CacheConfig.Builder config = CacheConfig.of(shape, "model").blockTokens(SPAN);
    return room ? config.hot(400 * 8192L) : config.hot(16 * 8192L);
  }

  @ParameterizedTest
  @CsvSource({"SCALAR,true", "VECTOR,true", "SCALAR,false", "VECTOR,false"})
  void givesTheSameBitsWhereverTheBlocksAre(Backend backend, boolean host) {
    ModelShape shape = Shapes.PLAIN;
    SyntheticEngine engine = new SyntheticEngine(shape);
    CacheConfig.Builder small = config(shape, false).backend(backend);
    small = host ? small.host(200 * 8192L) : small.ssd(folder, 8 << 20);
    try (KvCache roomy = KvCache.open(config(shape, true).backend(backend).build());
        KvCache cache = open(small.build());
        KvSession all = roomy.openSession();
        KvSession session = cache.openSession()) {
      float[][] expected = engine.run(all, TEXT, 30);
      assertThat(engine.run(session, TEXT, 30)).isDeepEqualTo(expected);
      AttendingStats stats = cache.stats().attending();
      assertThat(stats.inPlace()).isPositive();
      assertThat(stats.broughtUp()).isPositive();
      assertThat(stats.decisions())
          .anySatisfy(cost -> assertThat(cost.tier()).isEqualTo(host ? Tier.HOST : Tier.SSD));
      assertThat(stats.decisions()).extracting(AttentionCost::explain).doesNotContainNull();
      assertThat(roomy.stats().attending().inPlace()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "fp8", "int8-rotated4", "lossless"})
  void attendsEncodedBlocksWithinTheirErrorWithoutChangingWhatIsStored(String name) {
    ModelShape shape = Shapes.PLAIN;
    SyntheticEngine engine = new SyntheticEngine(shape);
    Encoding encoding = Encodings.parse(name);
    CacheConfig config =
        config(shape, false)
            .host(200 * 8192L)
            .encodings("host=" + name)
            .accept(new Acceptance.Named(Set.of(encoding)))
            .build();
    try (KvCache roomy = KvCache.open(config(shape, true).build());
        KvCache cache = open(config);
        KvSession all = roomy.openSession();
        KvSession session = cache.openSession()) {
      float[][] expected = engine.run(all, TEXT, 30);
      float[][] got = engine.run(session, TEXT, 30);
      AttendingStats stats = cache.stats().attending();
      assertThat(stats.inPlace()).as("%s", stats).isPositive();
      assertThat(cache.stats().tier(Tier.HOST).encoded().writtenBytes()).isPositive();
      assertThat(cache.stats().tier(Tier.HOST).damaged()).isZero();
      float bound = encoding.exact() ? 0f : name.equals("int8-rotated4") ? 0.35f : 0.05f;
      for (int layer = 0; layer < expected.length; layer++) {
        for (int i = 0; i < expected[layer].length; i++) {
          assertThat(got[layer][i]).as(name).isCloseTo(expected[layer][i], within(bound));
        }
      }
      if (!encoding.exact()) {
        assertThat(got).isNotEqualTo(expected);
      }
    }
  }

  @Test
  void sessionsOfABatchAttendAFarBlockOnceWhereItLies() {
    ModelShape shape = Shapes.PLAIN;
    SyntheticEngine engine = new SyntheticEngine(shape);
    CacheConfig config = config(shape, false).host(200 * 8192L).build();
    int[] one = {5};
    try (KvCache cache = open(config);
        KvSession session = cache.openSession()) {
      engine.run(session, Arrays.copyOf(TEXT, 300), 30);
      try (KvSession fork = session.fork();
          Step a = session.begin(one, false);
          Step b = fork.begin(one, false)) {
        KvBatch batch = cache.batch();
        a.append(0, engine.keys(0, one, 300), engine.values(0, one, 300));
        b.append(0, engine.keys(0, one, 300), engine.values(0, one, 300));
        float[] alone = engine.attend(a, 0, one, 300);
        AttendingStats before = cache.stats().attending();
        float[] twice = new float[2 * alone.length];
        float[] queries = new float[2 * 4 * 16];
        for (int i = 0; i < queries.length; i++) {
          queries[i] = SyntheticEngine.element(3, 0, 5, 300, i / 16 % 4, i % 16, 4);
        }
        batch.attend(
            0,
            java.util.List.of(a, b),
            EngineTensor.of(queries, 2, 4, 16),
            EngineTensor.of(twice, 2, 4, 16));
        AttendingStats after = cache.stats().attending();
        assertThat(Arrays.copyOf(twice, alone.length)).containsExactly(alone);
        assertThat(Arrays.copyOfRange(twice, alone.length, twice.length)).containsExactly(alone);
        long far = after.inPlace() + after.broughtUp() - before.inPlace() - before.broughtUp();
        assertThat(far).isBetween(1L, 9L);
        assertThat(after.blocks() - before.blocks()).isEqualTo(9);
        assertThat(after.blockUses() - before.blockUses()).isEqualTo(18);
      }
    }
  }
}
