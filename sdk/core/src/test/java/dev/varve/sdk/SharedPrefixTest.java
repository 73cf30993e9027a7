package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.remote.RedisProcess;
import dev.varve.store.remote.RemoteConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Two caches, as in two processes, over one Redis. */
@Tag("server")
@EnabledIf(
    value = "dev.varve.store.remote.RedisProcess#installed",
    disabledReason = "redis-server is not installed")
class SharedPrefixTest {

  private static final int SPAN = 32;
  private static final long SLOT = 8192;
  private static final int[] TEXT = SyntheticEngine.tokens(7, 300);
  private static final Tenant ANNA = new Tenant(1, 2);

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.MIXED);
  @TempDir Path folder;
  private RedisProcess redis;

  @BeforeEach
  void start() throws Exception {
    redis = RedisProcess.start(folder);
  }

  @AfterEach
  void end() {
    redis.close();
  }

  private CacheConfig.Builder config() {
    return CacheConfig.of(Shapes.MIXED, "model")
        .blockTokens(SPAN)
        .hot(100 * SLOT)
        .host(4 << 20)
        .remote(
            RemoteConfig.parse(redis.address())
                .times(Duration.ofSeconds(30), RemoteConfig.DEFAULT_TIME_TO_LIVE));
  }

  @Test
  void whatOneCacheSealedAnotherFindsToTheBit() {
    try (KvCache first = KvCache.open(config().build());
        KvCache second = KvCache.open(config().build())) {
      float[][] expected;
      try (KvSession session = first.openSession()) {
        engine.run(session, Arrays.copyOf(TEXT, 256), SPAN);
        session.endTurn();
        expected = engine.run(session, Arrays.copyOfRange(TEXT, 256, 300), 44);
      }
      try (KvSession session = second.openSession()) {
        assertThat(session.reuse(TEXT)).isEqualTo(256);
        assertThat(engine.run(session, Arrays.copyOfRange(TEXT, 256, 300), 44))
            .isDeepEqualTo(expected);
      }
      assertThat(second.stats().tier(Tier.REMOTE).reads()).isPositive();
      assertThat(second.remoteStats().orElseThrow().damaged()).isZero();
    }
  }

  @Test
  void aShorterPrefixIsFoundAndNoOtherTenantsOne() {
    try (KvCache first = KvCache.open(config().ssd(folder.resolve("a"), 64 << 20).build());
        KvCache second = KvCache.open(config().ssd(folder.resolve("b"), 64 << 20).build())) {
      try (KvSession session = first.openSession(ANNA)) {
        engine.run(session, Arrays.copyOf(TEXT, 128), SPAN);
        session.endTurn();
      }
      int[] other = TEXT.clone();
      other[100]++;
      try (PrefixMatch whole = second.match(ANNA, TEXT);
          PrefixMatch front = second.match(ANNA, other);
          PrefixMatch none = second.match(Tenant.NONE, TEXT)) {
        assertThat(whole.tokens()).isEqualTo(128);
        assertThat(front.tokens()).isEqualTo(96);
        assertThat(none.tokens()).isZero();
      }
    }
  }

  @Test
  void anErasedTenantIsGoneFromThereToo() throws Exception {
    try (KvCache first = KvCache.open(config().build());
        KvCache second = KvCache.open(config().build())) {
      try (KvSession session = first.openSession(ANNA)) {
        engine.run(session, Arrays.copyOf(TEXT, 128), SPAN);
        session.endTurn();
      }
      assertThat(redis.cli("dbsize")).isEqualTo("4");
      // The second one never heard of them.
      second.tenants().erase(ANNA);
      assertThat(redis.cli("dbsize")).isEqualTo("0");
    }
  }

  @Test
  void aServerThatDiesIsAShorterMatchAndSessionsGoOn() throws Exception {
    try (KvCache first = KvCache.open(config().build());
        KvCache second = KvCache.open(config().build())) {
      try (KvSession session = first.openSession()) {
        engine.run(session, Arrays.copyOf(TEXT, 256), SPAN);
        session.endTurn();
        redis.kill();
        engine.run(session, Arrays.copyOfRange(TEXT, 256, 300), 44);
        session.endTurn();
      }
      try (PrefixMatch match = second.match(TEXT)) {
        assertThat(match.tokens()).isZero();
      }
      try (PrefixMatch match = first.match(TEXT)) {
        assertThat(match.tokens()).isEqualTo(288);
      }
      assertThat(second.remoteStats().orElseThrow().failures()).isPositive();
    }
  }

  @Test
  void foreignBytesAreAShorterMatch() throws Exception {
    try (KvCache first = KvCache.open(config().build());
        KvCache second = KvCache.open(config().build())) {
      try (KvSession session = first.openSession()) {
        engine.run(session, Arrays.copyOf(TEXT, 128), SPAN);
        session.endTurn();
      }
      String script =
          "for _,k in ipairs(redis.call('keys','*')) do local f=redis.call('hkeys',k)[1] local"
              + " v=redis.call('hget',k,f)"
              + " redis.call('hset',k,f,string.sub(v,1,400)..'X'..string.sub(v,402)) end return 1";
      assertThat(redis.cli("eval", script, "0")).contains("1");
      try (KvSession session = second.openSession()) {
        assertThat(session.reuse(TEXT)).isZero();
      }
      assertThat(second.remoteStats().orElseThrow().damaged()).isPositive();
    }
  }
}
