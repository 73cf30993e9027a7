package dev.varve.sdk;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.varve.offload.tenancy.LifetimeConfig;
import dev.varve.offload.tenancy.QuotaConfig;
import dev.varve.offload.tenancy.TenancyConfig;
import dev.varve.sdk.internal.Clocks;
import dev.varve.store.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** Caches of a small model for tests of tenants, on a clock that the test moves. */
final class TenantBench {

  static final int SPAN = 32;

  /** Room of one block in a tier below HOT. */
  static final long BLOCK = 2 * 4096;

  /** Room of a chunk: three layers. */
  static final long CHUNK = 3 * BLOCK;

  static final Tenant RED = tenant("red");
  static final Tenant BLUE = tenant("blue");

  final AtomicLong now = new AtomicLong(1_700_000_000_000L);
  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);

  static Tenant tenant(String salt) {
    return Tenant.of(new byte[] {7}, salt.getBytes(StandardCharsets.UTF_8));
  }

  static CacheConfig.Builder config() {
    return CacheConfig.of(Shapes.PLAIN, "model").blockTokens(SPAN);
  }

  static CacheConfig.Builder config(Path folder) {
    return config().hot(200 * 4096).ssd(folder, 16 << 20);
  }

  static TenancyConfig quotas(OptionalLong shared, Map<Tenant, Long> own) {
    return new TenancyConfig(new QuotaConfig(shared, own), LifetimeConfig.NONE);
  }

  static TenancyConfig times(Duration shared, Map<Tenant, Duration> own) {
    return new TenancyConfig(
        QuotaConfig.NONE, new LifetimeConfig(Optional.of(shared), own, OptionalLong.empty()));
  }

  KvCache open(CacheConfig.Builder config) {
    return KvCache.open(config.build(), new Clocks(System::nanoTime, now::get));
  }

  void pass(Duration time) {
    now.addAndGet(time.toMillis());
  }

  /** Runs {@code text} in a session of its own and ends the turn; blocks that found no room. */
  @CanIgnoreReturnValue
  int store(KvCache cache, Tenant tenant, int[] text) {
    try (KvSession session = cache.openSession(tenant)) {
      run(session, text);
      return session.endTurn();
    }
  }

  void run(KvSession session, int[] text) {
    engine.run(session, text, 64);
  }

  /** Tokens of {@code text} that are found. */
  static int found(KvCache cache, Tenant tenant, int[] text) {
    try (PrefixMatch match = cache.match(tenant, text)) {
      return match.tokens();
    }
  }

  /** {@code chunks} chunks of tokens that depend on the seed. */
  static int[] text(long seed, int chunks) {
    return SyntheticEngine.tokens(seed, chunks * SPAN);
  }

  /** The first {@code shared} chunks of {@code text}, then others. */
  static int[] fork(int[] text, int shared, long seed) {
    int[] fork = SyntheticEngine.tokens(seed, text.length);
    System.arraycopy(text, 0, fork, 0, shared * SPAN);
    return fork;
  }

  static int[] front(int[] text, int chunks) {
    return Arrays.copyOf(text, chunks * SPAN);
  }
}
