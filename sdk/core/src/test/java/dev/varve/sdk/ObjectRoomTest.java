package dev.varve.sdk;

import static dev.varve.sdk.ObjectBench.get;
import static dev.varve.sdk.ObjectBench.name;
import static dev.varve.sdk.ObjectBench.names;
import static dev.varve.sdk.ObjectBench.put;
import static dev.varve.sdk.ObjectBench.value;
import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.RED;
import static dev.varve.sdk.TenantBench.found;
import static dev.varve.sdk.TenantBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.object.CommitResult;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectSpace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to objects where there is little room, beside each other and beside blocks. */
class ObjectRoomTest {

  private static final int KIB = 1024;

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();

  @Test
  void aTenantOverItsQuotaLosesItsObjectsThatWereReadLongestAgo() {
    long quota = 1 << 20;
    CacheConfig.Builder config =
        TenantBench.config(folder).tenancy(TenantBench.quotas(OptionalLong.of(quota), Map.of()));
    try (KvCache cache = bench.open(config)) {
      ObjectSpace space = cache.objects(RED);
      put(cache.objects(BLUE), name("mine"), value(0, 300 * KIB));
      put(space, name("a"), value(1, 300 * KIB));
      put(space, name("b"), value(2, 300 * KIB));
      put(space, name("c"), value(3, 300 * KIB));
      assertThat(get(space, name("a"))).isPresent();
      put(space, name("d"), value(4, 300 * KIB));
      assertThat(names(space)).containsExactlyInAnyOrder("a", "c", "d");
      assertThat(get(space, name("a"))).hasValue(value(1, 300 * KIB));
      assertThat(cache.objectStats().displaced()).isEqualTo(1);
      var usage = cache.tenants().usage(RED);
      assertThat(usage.quota().orElseThrow().counted()).isBetween(900L * KIB, quota);
      assertThat(usage.ssd().bytes()).isEqualTo(usage.quota().orElseThrow().counted());
      assertThat(get(cache.objects(BLUE), name("mine"))).as("another tenant's").isPresent();

      CommitResult large = put(space, name("e"), value(5, 2 << 20));
      assertThat(large).isInstanceOf(CommitResult.Dropped.class);
      assertThat(((CommitResult.Dropped) large).reason()).contains("quota", "2097152 bytes");
      assertThat(space.info(name("e"))).isEmpty();
      assertThat(cache.tenants().usage(RED).droppedPuts()).isPositive();
    }
  }

  @Test
  void whatIsLeasedStaysAndNewObjectsAreDropped() {
    CacheConfig.Builder config =
        TenantBench.config(folder).tenancy(TenantBench.quotas(OptionalLong.of(1 << 20), Map.of()));
    try (KvCache cache = bench.open(config)) {
      ObjectSpace space = cache.objects(RED);
      put(space, name("a"), value(1, 800 * KIB));
      try (ObjectLease lease = space.lease(name("a")).orElseThrow()) {
        assertThat(put(space, name("b"), value(2, 800 * KIB)).committed()).isFalse();
        assertThat(ObjectBench.read(lease)).hasValue(value(1, 800 * KIB));
      }
      assertThat(put(space, name("b"), value(2, 800 * KIB)).committed()).isTrue();
    }
  }

  @Test
  void objectsAndBlocksDisplaceEachOtherInAFullStore() {
    CacheConfig.Builder config = TenantBench.config().hot(60 * 4096).host(4 << 20);
    try (KvCache cache = bench.open(config)) {
      bench.store(cache, RED, text(1, 4));
      ObjectSpace space = cache.objects(RED);
      List<String> put = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        String key = "k" + i;
        assertThat(put(space, name(key), value(i, 200 * KIB)).committed()).as(key).isTrue();
        put.add(key);
        assertThat(get(space, name("k0"))).as("read again and again").isPresent();
      }
      List<String> left = names(space);
      assertThat(left).hasSizeBetween(5, 20).contains("k59", "k0");
      for (String key : left) {
        int number = Integer.parseInt(key.substring(1));
        assertThat(get(space, name(key))).hasValue(value(number, 200 * KIB));
      }
      assertThat(cache.objectStats().displaced()).isEqualTo(put.size() - left.size());
      for (int i = 0; i < 60; i++) {
        bench.store(cache, BLUE, text(100 + i, 4));
        while (cache.work() > 0) {
          // Until HOT is at its low mark.
        }
      }
      assertThat(found(cache, BLUE, text(159, 4))).isPositive();
      assertThat(names(space).size()).as("blocks displace objects").isLessThan(left.size());
    }
  }

  @Test
  void aFullSsdLosesWholeObjectsAndARestartFindsTheOthers() {
    List<String> left;
    CacheConfig.Builder config = TenantBench.config().hot(60 * 4096).ssd(folder, 16 << 20);
    try (KvCache cache = bench.open(config)) {
      ObjectSpace space = cache.objects();
      for (int i = 0; i < 40; i++) {
        assertThat(put(space, name("k" + i), value(i, 1500 * KIB)).committed()).isTrue();
      }
      left = names(space);
      assertThat(left).contains("k39").hasSizeLessThan(12);
      for (String key : left) {
        assertThat(get(space, name(key))).as(key).isPresent();
      }
      CommitResult large = put(space, name("large"), value(5, 20 << 20));
      assertThat(((CommitResult.Dropped) large).reason()).contains("no room", "20971520");
    }
    try (KvCache cache = bench.open(config)) {
      assertThat(names(cache.objects())).isSubsetOf(left);
      for (String key : names(cache.objects())) {
        int number = Integer.parseInt(key.substring(1));
        assertThat(get(cache.objects(), name(key))).hasValue(value(number, 1500 * KIB));
      }
    }
  }
}
