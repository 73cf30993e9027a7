package dev.varve.sdk;

import static dev.varve.sdk.TenantBench.CHUNK;
import static dev.varve.sdk.TenantBench.config;
import static dev.varve.sdk.TenantBench.found;
import static dev.varve.sdk.TenantBench.tenant;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.offload.tenancy.LifetimeConfig;
import dev.varve.offload.tenancy.Pin;
import dev.varve.offload.tenancy.QuotaConfig;
import dev.varve.offload.tenancy.TenancyConfig;
import dev.varve.offload.tenancy.TenantUsage;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many tenants at once, each with a plain map of what it may find, must find and must not. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TenantStressTest {

  private static final int TENANTS = 8;
  private static final int ROUNDS = 60;
  private static final int TEXTS = 10;
  private static final long QUOTA = 12 * CHUNK;
  private static final Duration TIME = Duration.ofSeconds(60);
  private static final long NEVER = Long.MAX_VALUE;

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();

  @Test
  void nobodyFindsWhatIsErasedOrExpiredOrLosesWhatIsItsOwn() throws Exception {
    long seed = new SplittableRandom().nextLong();
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < TENANTS; i++) {
      clients.add(new Client(i, seed + i));
    }
    try (KvCache cache = bench.open(tight());
        ExecutorService threads = Executors.newFixedThreadPool(TENANTS + 1)) {
      List<Callable<Integer>> work = new ArrayList<>();
      clients.forEach(client -> work.add(() -> client.run(cache)));
      int wholePrompts = 0;
      Future<Integer> upkeep = threads.submit(() -> keepUp(cache));
      List<Future<Integer>> ended = threads.invokeAll(work);
      upkeep.cancel(true);
      for (Future<Integer> done : ended) {
        wholePrompts += done.get();
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).as("upkeep ended").isTrue();
      assertThat(wholePrompts).as("prompts found whole, seed %d", seed).isPositive();
      clients.forEach(client -> client.checkAll(cache));
      assertThat(cache.stats().lostBlocks()).as("seed %d", seed).isZero();
      assertConsistent(cache, seed);
    }
    bench.pass(TIME.dividedBy(2));
    try (KvCache cache = bench.open(tight())) {
      clients.forEach(client -> client.checkAllAfterRestart(cache));
      assertConsistent(cache, seed);
      clients.forEach(client -> cache.tenants().erase(client.tenant));
      CacheStats stats = cache.stats();
      assertThat(stats.chunks()).as("seed %d", seed).isZero();
      assertThat(stats.tier(Tier.HOT).usedBytes()).isZero();
      assertThat(stats.tier(Tier.HOST).usedBytes()).isZero();
      assertThat(stats.tier(Tier.SSD).blocks()).isZero();
      assertThat(cache.retention().pinnedBytes()).isZero();
    }
  }

  /** Even tenants have room of their own, every third a time to live. */
  private CacheConfig.Builder tight() {
    Map<Tenant, Long> own = new HashMap<>();
    Map<Tenant, Duration> times = new HashMap<>();
    for (int i = 0; i < TENANTS; i++) {
      if (i % 2 == 0) {
        own.put(tenant("tenant " + i), QUOTA);
      }
      if (i % 3 == 0) {
        times.put(tenant("tenant " + i), TIME);
      }
    }
    return config()
        .hot(400 * 4096)
        .host(40 * CHUNK)
        .ssd(folder, 100 * CHUNK)
        .tenancy(
            new TenancyConfig(
                new QuotaConfig(OptionalLong.of(QUOTA), own),
                new LifetimeConfig(Optional.empty(), times, OptionalLong.of(40 * 3 * 4096))));
  }

  private int keepUp(KvCache cache) throws InterruptedException {
    int done = 0;
    while (!Thread.interrupted()) {
      done += cache.work();
      bench.pass(Duration.ofSeconds(1));
      Thread.sleep(2);
    }
    return done;
  }

  private static void assertConsistent(KvCache cache, long seed) {
    long ssd = 0;
    long chunks = 0;
    for (TenantUsage usage : cache.tenants().list()) {
      assertThat(usage.quota().orElseThrow().counted())
          .as("%s, seed %d", usage, seed)
          .isLessThanOrEqualTo(QUOTA);
      ssd += usage.ssd().blocks();
      chunks += usage.chunks();
    }
    CacheStats stats = cache.stats();
    assertThat(ssd).as("blocks on SSD, seed %d", seed).isEqualTo(stats.tier(Tier.SSD).blocks());
    assertThat(chunks).as("chunks, seed %d", seed).isEqualTo(stats.chunks());
  }

  /**
   * What is known of a stored text.
   *
   * @param from it may be gone from this time on
   * @param to it must be gone from this time on
   * @param whole whether all its blocks were written
   */
  private record Stored(long from, long to, boolean whole) {}

  /** One tenant; no other thread touches its blocks. */
  private final class Client {

    private final int number;
    private final Tenant tenant;
    private final long seed;
    private final SplittableRandom random;
    private final Map<Integer, Stored> stored = new HashMap<>();
    private final Map<Integer, Long> pins = new HashMap<>();

    Client(int number, long seed) {
      this.number = number;
      this.tenant = tenant("tenant " + number);
      this.seed = seed;
      this.random = new SplittableRandom(seed);
    }

    int run(KvCache cache) {
      int whole = 0;
      for (int round = 0; round < ROUNDS; round++) {
        int text = random.nextInt(texts());
        switch (random.nextInt(8)) {
          case 0 -> erase(cache, text);
          case 1 -> expire(cache, text);
          case 2 -> pin(cache, text);
          case 3, 4, 5 -> store(cache, text);
          default -> whole += check(cache, text) ? 1 : 0;
        }
        assertThat(found(cache, tenant, tokens(number + 1, text))).as("another's").isZero();
      }
      return whole;
    }

    private void store(KvCache cache, int text) {
      long before = bench.now.get();
      boolean whole = bench.store(cache, tenant, tokens(number, text)) == 0;
      long after = bench.now.get();
      Stored fresh =
          number % 3 == 0
              ? new Stored(before + TIME.toMillis(), after + TIME.toMillis(), whole)
              : new Stored(NEVER, NEVER, whole);
      if (stored.getOrDefault(text, fresh).from() <= after) {
        // Expiry goes before a pin, which then holds nothing of it.
        pins.remove(text);
      }
      // A time that was set for it still holds if the chunk never left; it may have.
      stored.merge(
          text,
          fresh,
          (old, now) ->
              old.to() <= before
                  ? now
                  : new Stored(
                      Math.min(old.from(), now.from()), Math.max(old.to(), now.to()), whole));
    }

    private void erase(KvCache cache, int text) {
      if (random.nextInt(5) == 0) {
        cache.tenants().erase(tenant);
        stored.clear();
        pins.clear();
      } else {
        cache.tenants().erasePrefix(tenant, front(text));
        stored.remove(text);
        pins.remove(text);
      }
      assertThat(found(cache, tenant, tokens(number, text))).as("erased, seed %d", seed).isZero();
    }

    private void expire(KvCache cache, int text) {
      long at = bench.now.get() + 1 + random.nextInt(20_000);
      Stored old = stored.get(text);
      if (old != null) {
        try {
          cache.retention().expireAt(tenant, front(text), Instant.ofEpochMilli(at));
          stored.put(text, new Stored(Math.min(at, old.from()), at, old.whole()));
        } catch (IllegalArgumentException e) {
          assertThat(e).hasMessageContaining("is past");
        }
      }
    }

    private void pin(KvCache cache, int text) {
      Long old = pins.remove(text);
      if (old != null) {
        assertThat(cache.retention().unpin(old)).isTrue();
        return;
      }
      try {
        int[] tokens = tokens(number, text);
        Pin pin = cache.retention().pin(tenant, tokens);
        if (pin.tokens() == tokens.length && found(cache, tenant, tokens) == tokens.length) {
          pins.put(text, pin.id());
        } else {
          cache.retention().unpin(pin.id());
        }
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage())
            .containsAnyOf("nothing is stored", "raise the limit", "has no room");
      }
    }

    void checkAll(KvCache cache) {
      for (int text = 0; text < texts(); text++) {
        check(cache, text);
      }
    }

    /** What the tiers did not take in whole, and said so, may end with the process. */
    void checkAllAfterRestart(KvCache cache) {
      pins.keySet().removeIf(text -> !whole(text));
      checkAll(cache);
    }

    private boolean whole(int text) {
      return stored.getOrDefault(text, new Stored(0, 0, false)).whole();
    }

    /** Whether the text was found whole. */
    private boolean check(KvCache cache, int text) {
      long before = bench.now.get();
      int[] tokens = tokens(number, text);
      int found = found(cache, tenant, tokens);
      Stored known = stored.getOrDefault(text, new Stored(0, 0, false));
      boolean kept = pins.containsKey(text) || (number % 2 == 0 && known.whole());
      if (known.to() <= before) {
        assertThat(found)
            .as("text %d of tenant %d at %d, %s, seed %d", text, number, before, known, seed)
            .isZero();
      } else if (kept && known.from() > bench.now.get()) {
        assertThat(found)
            .as("text %d of tenant %d at %d, %s, seed %d", text, number, before, known, seed)
            .isEqualTo(tokens.length);
      }
      return found == tokens.length;
    }

    /** Who has room of its own stores no more than that. */
    private int texts() {
      return number % 2 == 0 ? 4 : TEXTS;
    }

    /** Two to four chunks that no other text shares. */
    private static int[] tokens(int number, int text) {
      return TenantBench.text(1000L * number + text, 2 + text % 3);
    }

    private int[] front(int text) {
      return TenantBench.front(tokens(number, text), 1);
    }
  }
}
