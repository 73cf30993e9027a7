package dev.varve.sdk;

import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.CHUNK;
import static dev.varve.sdk.TenantBench.RED;
import static dev.varve.sdk.TenantBench.SPAN;
import static dev.varve.sdk.TenantBench.config;
import static dev.varve.sdk.TenantBench.fork;
import static dev.varve.sdk.TenantBench.found;
import static dev.varve.sdk.TenantBench.front;
import static dev.varve.sdk.TenantBench.quotas;
import static dev.varve.sdk.TenantBench.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.offload.tenancy.StoredBytes;
import dev.varve.offload.tenancy.TenantUsage;
import dev.varve.store.Tenant;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantQuotaTest {

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();

  @Test
  void aTenantOverItsQuotaLosesItsOwnColdestLeaves() {
    CacheConfig.Builder config =
        config(folder).tenancy(quotas(OptionalLong.empty(), Map.of(RED, 6 * CHUNK)));
    try (KvCache cache = bench.open(config)) {
      int[] trunk = text(1, 3);
      int[] branch = fork(trunk, 1, 2);
      bench.store(cache, BLUE, trunk);
      bench.store(cache, RED, trunk);
      bench.store(cache, RED, branch);
      assertThat(counted(cache, RED)).isEqualTo(5 * CHUNK);
      assertThat(found(cache, RED, trunk)).as("the trunk is warmer now").isEqualTo(3 * SPAN);
      bench.store(cache, RED, text(3, 3));

      assertThat(found(cache, RED, text(3, 3))).isEqualTo(3 * SPAN);
      assertThat(found(cache, RED, trunk)).isEqualTo(3 * SPAN);
      assertThat(found(cache, RED, branch)).as("its colder end left").isEqualTo(SPAN);
      assertThat(found(cache, BLUE, trunk)).as("another tenant's").isEqualTo(3 * SPAN);
      TenantUsage usage = cache.tenants().usage(RED);
      assertThat(counted(cache, RED)).isLessThanOrEqualTo(6 * CHUNK);
      assertThat(usage.displaced()).isEqualTo(2);
      assertThat(usage.droppedPuts()).isZero();
    }
  }

  @Test
  void whatASessionClaimsStaysAndNewBlocksAreDroppedAndCounted() {
    CacheConfig.Builder config =
        config(folder).tenancy(quotas(OptionalLong.of(4 * CHUNK), Map.of()));
    try (KvCache cache = bench.open(config);
        KvSession holder = cache.openSession(RED)) {
      bench.run(holder, text(1, 3));
      assertThat(holder.endTurn()).isZero();
      try (KvSession other = cache.openSession(RED)) {
        bench.run(other, text(2, 3));
        assertThat(other.endTurn()).as("blocks of two chunks").isEqualTo(2 * 3);
      }
      assertThat(cache.tenants().usage(RED).droppedPuts()).isEqualTo(6);
      assertThat(cache.stats().droppedPuts()).isEqualTo(6);
      assertThat(counted(cache, RED)).isEqualTo(4 * CHUNK);
      assertThat(cache.tenants().usage(RED).ssd().blocks()).isEqualTo(4 * 3);
      bench.store(cache, BLUE, text(2, 4));
      assertThat(cache.tenants().usage(BLUE).ssd().blocks())
          .as("the default is each tenant's")
          .isEqualTo(4 * 3);
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, text(2, 3)) + found(cache, RED, text(1, 3)))
          .as("closing wrote what had room once the first session let go")
          .isEqualTo(4 * SPAN);
    }
  }

  @Test
  void aSecondCopyOfAChunkDoesNotCount() {
    CacheConfig.Builder config =
        config()
            .ssd(folder, 16 << 20)
            .hot(20 * 4096)
            .host(100 * CHUNK)
            .tenancy(quotas(OptionalLong.of(7 * CHUNK), Map.of()));
    try (KvCache cache = bench.open(config)) {
      for (int i = 0; i < 3; i++) {
        bench.store(cache, RED, text(i, 2));
      }
      int moved = 0;
      for (int step = cache.work(); step > 0; step = cache.work()) {
        moved += step;
      }
      try (KvSession big = cache.openSession(BLUE)) {
        bench.run(big, text(9, 6));
        TenantUsage usage = cache.tenants().usage(RED);
        assertThat(usage.host().blocks()).as("moved %d", moved).isPositive();
        assertThat(usage.ssd().blocks()).isEqualTo(6 * 3);
        assertThat(counted(cache, RED)).isBetween(6 * CHUNK - 1, 6 * CHUNK + 6 * 4096);
        assertThat(usage.displaced() + usage.droppedPuts()).isZero();
      }
    }
  }

  @Test
  void usageIsRightAfterARestartAndALoweredQuotaIsEnforcedByUpkeep() {
    TenantUsage before;
    try (KvCache cache = bench.open(config(folder))) {
      bench.store(cache, RED, text(1, 5));
      bench.store(cache, BLUE, text(2, 2));
      before = cache.tenants().usage(RED);
      assertThat(before.quota()).isEmpty();
      assertThat(before.chunks()).isEqualTo(5);
      assertThat(before.hot()).isEqualTo(new StoredBytes(15, 15 * 4096));
      assertThat(before.host()).isEqualTo(StoredBytes.NONE);
      assertThat(before.ssd()).isEqualTo(new StoredBytes(15, 5 * CHUNK));
      assertThat(cache.tenants().list()).extracting(TenantUsage::tenant).containsExactly(RED, BLUE);
    }
    CacheConfig.Builder lowered =
        config(folder).tenancy(quotas(OptionalLong.of(3 * CHUNK), Map.of()));
    try (KvCache cache = bench.open(lowered)) {
      assertThat(cache.tenants().usage(RED).ssd()).isEqualTo(before.ssd());
      assertThat(cache.tenants().usage(RED).chunks()).isEqualTo(5);
      assertThat(counted(cache, RED)).isEqualTo(5 * CHUNK);
      assertThat(cache.work()).isEqualTo(2);
      assertThat(found(cache, RED, text(1, 5))).as("the end left").isEqualTo(3 * SPAN);
      assertThat(found(cache, BLUE, text(2, 2))).isEqualTo(2 * SPAN);
      TenantUsage usage = cache.tenants().usage(RED);
      assertThat(usage.displaced()).isEqualTo(2);
      assertThat(usage.prompts()).isEqualTo(1);
      assertThat(usage.hits()).isEqualTo(3);
    }
  }

  @Test
  void nobodyPushesOutATenantWithAQuotaOfItsOwn() {
    CacheConfig.Builder config =
        config()
            .hot(60 * 4096)
            .host(20 * CHUNK)
            .tenancy(quotas(OptionalLong.empty(), Map.of(RED, 8 * CHUNK)));
    try (KvCache cache = bench.open(config)) {
      int[] kept = text(1, 6);
      bench.store(cache, RED, kept);
      while (cache.tenants().usage(RED).host().blocks() < 18) {
        bench.store(cache, BLUE, text(cache.stats().chunks() + 100, 3));
      }
      for (int i = 0; i < 40; i++) {
        bench.store(cache, BLUE, text(1000 + i, 3));
        cache.work();
      }
      assertThat(found(cache, RED, kept)).isEqualTo(6 * SPAN);
      assertThat(found(cache, BLUE, text(1039, 3))).as("the rest has room").isPositive();
      assertThat(found(cache, BLUE, text(1000, 3))).as("and competes").isZero();
    }
  }

  @Test
  void aParentNeverLeavesBeforeWhatIsStoredBehindIt() {
    int[] text = text(1, 9);
    for (int chunks = 1; chunks <= 9; chunks++) {
      try (KvCache cache = bench.open(limited());
          KvSession session = cache.openSession(RED)) {
        int skip = session.reuse(front(text, chunks));
        assertThat(skip)
            .as("all that fits the quota, %d chunks", chunks)
            .isEqualTo(Math.min(chunks - 1, 5) * SPAN);
        bench.run(session, Arrays.copyOfRange(text, skip, chunks * SPAN));
        session.endTurn();
        assertThat(counted(cache, RED)).isEqualTo(Math.min(chunks, 5) * CHUNK);
      }
    }
  }

  private CacheConfig.Builder limited() {
    return config(folder).tenancy(quotas(OptionalLong.of(5 * CHUNK), Map.of()));
  }

  @Test
  void quotasThatCannotBeKeptAreRefusedWithASentence() {
    assertThatThrownBy(() -> quotas(OptionalLong.of(0), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("quota of every tenant must be at least 1 byte: 0");
    assertThatThrownBy(() -> quotas(OptionalLong.empty(), Map.of(RED, -5L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(RED.hash())
        .hasMessageContaining("-5");
    assertRefused(
        config(folder).tenancy(quotas(OptionalLong.of(CHUNK - 1), Map.of())),
        String.valueOf(CHUNK - 1),
        "one chunk of this model takes " + CHUNK);
    assertRefused(
        config(folder).tenancy(quotas(OptionalLong.empty(), Map.of(RED, 9L << 20, BLUE, 8L << 20))),
        "add up to more than the " + (16 << 20));
    assertRefused(config().tenancy(quotas(OptionalLong.of(CHUNK), Map.of())), "no such tier");
  }

  private void assertRefused(CacheConfig.Builder config, String... parts) {
    assertThatThrownBy(() -> bench.open(config))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  private static long counted(KvCache cache, Tenant tenant) {
    return cache.tenants().usage(tenant).quota().orElseThrow().counted();
  }
}
