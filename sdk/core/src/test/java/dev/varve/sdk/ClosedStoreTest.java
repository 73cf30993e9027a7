package dev.varve.sdk;

import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.RED;
import static dev.varve.sdk.TenantBench.SPAN;
import static dev.varve.sdk.TenantBench.found;
import static dev.varve.sdk.TenantBench.front;
import static dev.varve.sdk.TenantBench.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.offload.tenancy.Pin;
import dev.varve.store.Fingerprint;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClosedStoreTest {

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();
  private Fingerprint model = Fingerprint.of("none", Shapes.PLAIN, SPAN);

  @BeforeEach
  void fill() {
    try (KvCache cache = open()) {
      model = cache.fingerprint();
      for (Tenant tenant : List.of(RED, BLUE)) {
        try (KvSession session = cache.openSession(tenant)) {
          bench.run(session, text(1, 3));
          session.endTurn();
          session.save("talk");
        }
        cache.retention().pin(tenant, front(text(1, 3), 2));
        cache.retention().expireAfter(tenant, text(1, 3), Duration.ofHours(1));
        ObjectBench.put(cache.objects(tenant), ObjectBench.name("a"), ObjectBench.name("1"));
      }
    }
  }

  private KvCache open() {
    return bench.open(TenantBench.config(folder));
  }

  @Test
  void erasesEverythingOfATenantAndLeavesTheOthersAsTheyWere() {
    ErasureReport report = ClosedStore.eraseTenant(folder, RED);
    assertThat(report.chunks()).as("three of the text, two of the object").isEqualTo(5);
    assertThat(report.savedSessions()).isEqualTo(1);
    assertThat(report.bytes()).isPositive();
    try (KvCache cache = open()) {
      assertThat(found(cache, RED, text(1, 3))).isZero();
      assertThat(cache.savedSessions(RED)).isEmpty();
      assertThat(cache.objects(RED).count()).isZero();
      assertThat(found(cache, BLUE, text(1, 3))).isEqualTo(3 * SPAN);
      assertThat(cache.savedSessions(BLUE)).containsExactly("talk");
      assertThat(cache.objects(BLUE).count()).isEqualTo(1);
      assertThat(cache.retention().pins())
          .as("pins that hold something")
          .filteredOn(pin -> pin.chunks() > 0)
          .extracting(Pin::tenant)
          .containsExactly(BLUE);
      bench.pass(Duration.ofHours(1));
      assertThat(found(cache, BLUE, text(1, 3))).as("so do its times").isEqualTo(2 * SPAN);
    }
  }

  @Test
  void erasesAModelOfAllTenants() {
    assertThat(ClosedStore.eraseModels(folder, List.of(model)).chunks()).isEqualTo(6);
    try (KvCache cache = open()) {
      assertThat(found(cache, RED, text(1, 3)) + found(cache, BLUE, text(1, 3))).isZero();
      assertThat(cache.savedSessions(BLUE)).isEmpty();
      assertThat(cache.retention().pins()).allMatch(pin -> pin.chunks() == 0);
      assertThat(cache.objects(BLUE).count()).as("objects are of no model").isEqualTo(1);
    }
  }

  @Test
  void erasesAPrefix() {
    int[] front = front(text(1, 3), 2);
    assertThat(ClosedStore.erasePrefix(folder, RED, model, front).chunks()).isEqualTo(2);
    try (KvCache cache = open()) {
      assertThat(found(cache, RED, text(1, 3))).isEqualTo(SPAN);
      assertThat(cache.savedSessions(RED)).isEmpty();
      assertThat(found(cache, BLUE, text(1, 3))).isEqualTo(3 * SPAN);
    }
    assertThatThrownBy(() -> ClosedStore.erasePrefix(folder, RED, model, new int[SPAN - 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("31 tokens are less than one block");
  }

  @Test
  void anOpenStoreIsLeftAlone() {
    try (KvCache cache = open()) {
      assertThatThrownBy(() -> ClosedStore.eraseTenant(folder, RED))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("open in process " + ProcessHandle.current().pid());
      assertThat(found(cache, RED, text(1, 3))).isEqualTo(3 * SPAN);
    }
  }
}
