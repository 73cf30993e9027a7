package dev.varve.sdk;

import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.RED;
import static dev.varve.sdk.TenantBench.SPAN;
import static dev.varve.sdk.TenantBench.config;
import static dev.varve.sdk.TenantBench.fork;
import static dev.varve.sdk.TenantBench.found;
import static dev.varve.sdk.TenantBench.front;
import static dev.varve.sdk.TenantBench.text;
import static dev.varve.sdk.TenantBench.times;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.varve.offload.tenancy.LifetimeConfig;
import dev.varve.offload.tenancy.Pin;
import dev.varve.offload.tenancy.QuotaConfig;
import dev.varve.offload.tenancy.TenancyConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int[] TEXT = text(5, 4);
  private static final long CHUNK_PAYLOAD = 3 * 4096;

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();

  @Test
  void anExpiredChunkIsNotFoundAndUpkeepRemovesIt() {
    try (KvCache cache =
        bench.open(config(folder).tenancy(times(HOUR, Map.of(BLUE, Duration.ofHours(3)))))) {
      bench.store(cache, RED, TEXT);
      bench.store(cache, BLUE, TEXT);
      bench.pass(HOUR.minusMillis(1));
      assertThat(found(cache, RED, TEXT)).isEqualTo(4 * SPAN);
      assertThat(cache.work()).isZero();
      bench.pass(Duration.ofMillis(1));
      assertThat(found(cache, RED, TEXT)).isZero();
      assertThat(cache.stats().chunks()).as("before upkeep").isEqualTo(8);
      assertThat(cache.work()).isEqualTo(4);
      assertThat(cache.tenants().usage(RED).chunks()).isZero();
      assertThat(cache.tenants().usage(RED).ssd().blocks()).isZero();
      assertThat(found(cache, BLUE, TEXT)).as("its tenant's own time").isEqualTo(4 * SPAN);
      bench.pass(Duration.ofHours(2));
      assertThat(found(cache, BLUE, TEXT)).isZero();
    }
  }

  @Test
  void anExpiredChunkDoesNotComeBackWithARestart() {
    try (KvCache cache = bench.open(config(folder).tenancy(times(HOUR, Map.of())))) {
      bench.store(cache, RED, TEXT);
    }
    // Not even where the cache is opened without any time to live.
    bench.pass(HOUR.minusMinutes(1));
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, TEXT)).isEqualTo(4 * SPAN);
    }
    bench.pass(MINUTE);
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, TEXT)).isZero();
      assertThat(cache.work()).isEqualTo(4);
      bench.store(cache, RED, TEXT);
      bench.pass(HOUR.multipliedBy(100));
      assertThat(found(cache, RED, TEXT)).as("stored again without a time").isEqualTo(4 * SPAN);
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, TEXT)).isEqualTo(4 * SPAN);
    }
  }

  @Test
  void blocksFromBeforeThereWasATimeGetAllOfIt() {
    try (KvCache cache = bench.open(config(folder))) {
      bench.store(cache, RED, TEXT);
    }
    bench.pass(HOUR.multipliedBy(5));
    try (KvCache cache = bench.open(config(folder).tenancy(times(HOUR, Map.of())))) {
      assertThat(found(cache, RED, TEXT)).isEqualTo(4 * SPAN);
      bench.pass(HOUR);
      assertThat(found(cache, RED, TEXT)).isZero();
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, TEXT)).isZero();
    }
  }

  @Test
  void aSessionHasATimeOfItsOwnAndTheLongerOfTwoCounts() {
    try (KvCache cache = bench.open(config(folder).tenancy(times(HOUR, Map.of())))) {
      try (KvSession session = cache.openSession(RED)) {
        session.expireAfter(MINUTE);
        bench.run(session, TEXT);
        session.endTurn();
        assertThatThrownBy(() -> session.expireAfter(Duration.ofSeconds(-3)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("PT-3S lies in the past");
      }
      bench.store(cache, RED, fork(TEXT, 2, 6));
      bench.pass(MINUTE);
      assertThat(found(cache, RED, TEXT)).as("its front was stored again").isEqualTo(2 * SPAN);
      assertThat(found(cache, RED, fork(TEXT, 2, 6))).isEqualTo(4 * SPAN);
    }
  }

  @Test
  void aTimeForAPrefixHoldsForAllBehindItNowAndLater() {
    int[] branch = fork(TEXT, 3, 8);
    try (KvCache cache = bench.open(config(folder))) {
      bench.store(cache, RED, TEXT);
      assertThat(cache.retention().expireAfter(RED, front(TEXT, 2), HOUR)).isEqualTo(3);
      bench.store(cache, RED, branch);
      bench.pass(HOUR.minusMillis(1));
      assertThat(found(cache, RED, branch)).isEqualTo(4 * SPAN);
    }
    bench.pass(Duration.ofMillis(1));
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, TEXT)).as("the chunk before it stays").isEqualTo(SPAN);
      assertThat(cache.work()).isEqualTo(4);
      assertThat(cache.stats().chunks()).isEqualTo(1);
    }
  }

  @Test
  void aLongerTimeForAPrefixKeepsWhatIsBeforeIt() {
    try (KvCache cache = bench.open(config(folder).tenancy(times(HOUR, Map.of())))) {
      bench.store(cache, RED, TEXT);
      cache
          .retention()
          .expireAt(
              RED,
              front(TEXT, 3),
              Instant.ofEpochMilli(bench.now.get()).plus(HOUR.multipliedBy(9)));
    }
    bench.pass(HOUR.multipliedBy(8));
    try (KvCache cache = bench.open(config(folder).tenancy(times(HOUR, Map.of())))) {
      assertThat(found(cache, RED, TEXT)).isEqualTo(4 * SPAN);
    }
  }

  @Test
  void timesInThePastAreRefusedWithASentence() {
    assertThatThrownBy(() -> times(Duration.ZERO, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0S lies in the past");
    assertThatThrownBy(() -> times(HOUR, Map.of(RED, Duration.ofMinutes(-1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT-1M lies in the past");
    try (KvCache cache = bench.open(config(folder))) {
      bench.store(cache, RED, TEXT);
      Instant now = Instant.ofEpochMilli(bench.now.get());
      assertThatThrownBy(() -> cache.retention().expireAt(RED, TEXT, now))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(now + " is past, it is " + now);
      assertThatThrownBy(() -> cache.retention().pin(RED, TEXT, now.minusMillis(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(now.minusMillis(1) + " is past");
      assertThatThrownBy(() -> cache.retention().expireAfter(RED, TEXT, Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("PT0S");
      assertThatThrownBy(() -> cache.retention().expireAfter(RED, Arrays.copyOf(TEXT, 31), HOUR))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("31 tokens fills no block of 32");
      assertThat(found(cache, RED, TEXT)).as("nothing was lost").isEqualTo(4 * SPAN);
      assertThat(cache.retention().pins()).isEmpty();
    }
  }

  @Test
  void aPinnedPrefixOutlastsAFullTierARestartAndAQuota() {
    int[] pinned = text(40, 3);
    TenancyConfig limits =
        new TenancyConfig(
            new QuotaConfig(OptionalLong.of(8 * TenantBench.CHUNK), Map.of()), LifetimeConfig.NONE);
    long id;
    try (KvCache cache = bench.open(small().tenancy(limits))) {
      bench.store(cache, RED, pinned);
      Pin pin = cache.retention().pin(RED, Arrays.copyOf(pinned, 3 * SPAN + 5));
      id = pin.id();
      assertThat(pin.tokens()).isEqualTo(3 * SPAN);
      assertThat(pin.bytes()).isEqualTo(3 * CHUNK_PAYLOAD);
      assertThat(pin.until()).isEmpty();
      crowd(cache, 100);
      assertThat(found(cache, RED, pinned)).isEqualTo(3 * SPAN);
    }
    try (KvCache cache = bench.open(small().tenancy(limits))) {
      assertThat(cache.retention().pins())
          .extracting(Pin::id, Pin::chunks)
          .containsExactly(tuple(id, 3));
      assertThat(cache.retention().pinnedBytes()).isEqualTo(3 * CHUNK_PAYLOAD);
      crowd(cache, 300);
      assertThat(found(cache, RED, pinned)).isEqualTo(3 * SPAN);
      assertThat(cache.retention().unpin(id)).isTrue();
      assertThat(cache.retention().unpin(id)).isFalse();
      assertThat(cache.retention().pinnedBytes()).isZero();
      crowd(cache, 600);
      assertThat(found(cache, RED, pinned)).as("a victim like any other").isLessThan(3 * SPAN);
    }
    try (KvCache cache = bench.open(small())) {
      assertThat(cache.retention().pins()).isEmpty();
    }
  }

  private CacheConfig.Builder small() {
    return config().hot(40 * 4096).ssd(folder, 24 * TenantBench.CHUNK);
  }

  /** Stores far more than the tiers hold, for RED as well. */
  private void crowd(KvCache cache, int seed) {
    for (int i = 0; i < 30; i++) {
      bench.store(cache, i % 2 == 0 ? RED : BLUE, text(seed + i, 3));
      cache.work();
    }
  }

  @Test
  void aPinEndsByItselfAndGivesWayToExpiry() {
    CacheConfig.Builder config = config(folder);
    try (KvCache cache = bench.open(config)) {
      bench.store(cache, RED, TEXT);
      Instant until = Instant.ofEpochMilli(bench.now.get()).plus(HOUR);
      cache.retention().pin(RED, TEXT, until);
      Pin other = cache.retention().pin(RED, front(TEXT, 2));
      assertThat(cache.retention().pinnedBytes()).as("once").isEqualTo(4 * CHUNK_PAYLOAD);
      bench.pass(HOUR);
      assertThat(cache.retention().pins()).containsExactly(other);
      cache.work();
      assertThat(cache.retention().pinnedBytes()).isEqualTo(2 * CHUNK_PAYLOAD);

      cache.retention().expireAfter(RED, front(TEXT, 2), MINUTE);
      bench.pass(MINUTE);
      assertThat(cache.work()).isEqualTo(3);
      assertThat(found(cache, RED, TEXT)).isEqualTo(SPAN);
      assertThat(cache.retention().pins()).extracting(Pin::chunks).containsExactly(1);
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(cache.retention().pins()).extracting(Pin::chunks).containsExactly(1);
      assertThat(cache.retention().pinnedBytes()).isEqualTo(CHUNK_PAYLOAD);
    }
  }

  @Test
  void pinsAboveTheLimitAreRefusedWithValueAndLimit() {
    LifetimeConfig limit =
        new LifetimeConfig(Optional.empty(), Map.of(), OptionalLong.of(5 * CHUNK_PAYLOAD));
    try (KvCache cache =
        bench.open(config(folder).tenancy(new TenancyConfig(QuotaConfig.NONE, limit)))) {
      bench.store(cache, RED, TEXT);
      bench.store(cache, BLUE, TEXT);
      cache.retention().pin(RED, TEXT);
      assertThatThrownBy(() -> cache.retention().pin(BLUE, TEXT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("pinning 128 tokens takes " + 4 * CHUNK_PAYLOAD)
          .hasMessageContaining(4 * CHUNK_PAYLOAD + " of at most " + 5 * CHUNK_PAYLOAD);
      assertThat(cache.retention().pin(BLUE, front(TEXT, 1)).chunks()).isEqualTo(1);
      assertThat(cache.retention().pin(RED, front(TEXT, 3)).chunks()).as("shared").isEqualTo(3);
      assertThatThrownBy(() -> cache.retention().pin(RED, text(99, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("nothing is stored of the 64 tokens");
    }
  }

  @Test
  void aDamagedJournalIsCountedKeptAndBoundedByTheTimeToLive() throws IOException {
    try (KvCache cache = bench.open(config(folder).tenancy(times(HOUR, Map.of())))) {
      bench.store(cache, RED, TEXT);
    }
    Path journal = folder.resolve("retention").resolve("journal");
    byte[] bytes = Files.readAllBytes(journal);
    bytes[bytes.length / 2] ^= 1;
    Files.write(journal, bytes);
    try (KvCache cache = bench.open(config(folder).tenancy(times(HOUR, Map.of())))) {
      assertThat(cache.retention().damagedRecords()).isEqualTo(1);
      assertThat(journal.resolveSibling("journal.damaged")).hasBinaryContent(bytes);
      bench.pass(HOUR);
      assertThat(found(cache, RED, TEXT)).isZero();
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(cache.retention().damagedRecords()).isZero();
      assertThat(found(cache, RED, TEXT)).isZero();
    }
  }
}
