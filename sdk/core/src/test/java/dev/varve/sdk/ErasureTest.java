package dev.varve.sdk;

import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.RED;
import static dev.varve.sdk.TenantBench.SPAN;
import static dev.varve.sdk.TenantBench.config;
import static dev.varve.sdk.TenantBench.fork;
import static dev.varve.sdk.TenantBench.found;
import static dev.varve.sdk.TenantBench.front;
import static dev.varve.sdk.TenantBench.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.offload.tenancy.Pin;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import dev.varve.store.alias.AliasIndex;
import dev.varve.store.alias.AliasScope;
import dev.varve.store.alias.AliasTarget;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureTest {

  private static final int[] TEXT = text(5, 4);
  private static final long CHUNK_PAYLOAD = 3 * 4096;

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();

  @Test
  void aTenantIsErasedFromEveryTierAndTheNextProcess() {
    try (KvCache cache = bench.open(config(folder).host(50 * TenantBench.CHUNK))) {
      bench.store(cache, RED, TEXT);
      bench.store(cache, RED, text(6, 2));
      bench.store(cache, BLUE, TEXT);
      cache.retention().pin(RED, TEXT);
      Pin kept = cache.retention().pin(BLUE, TEXT);

      ErasureReport report = cache.tenants().erase(RED);

      assertThat(report.chunks()).isEqualTo(6);
      assertThat(report.bytes()).as("HOT and SSD").isEqualTo(2 * 6 * CHUNK_PAYLOAD);
      assertThat(report.heldChunks()).isZero();
      assertThat(cache.tenants().usage(RED).chunks()).isZero();
      assertThat(cache.tenants().usage(RED).ssd().bytes()).isZero();
      assertThat(found(cache, RED, TEXT)).isZero();
      assertThat(found(cache, BLUE, TEXT)).isEqualTo(4 * SPAN);
      assertThat(cache.retention().pins())
          .satisfiesExactly(
              pin -> assertThat(pin.chunks()).isZero(), pin -> assertThat(pin).isEqualTo(kept));
      assertThat(cache.tenants().erase(RED).chunks()).as("again").isZero();
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, TEXT)).isZero();
      assertThat(found(cache, BLUE, TEXT)).isEqualTo(4 * SPAN);
      bench.store(cache, RED, TEXT);
      assertThat(found(cache, RED, TEXT)).as("what is stored afterwards").isEqualTo(4 * SPAN);
    }
  }

  @Test
  void whatOpenSessionsHoldIsFoundByNobodyAndGoesWhenTheyClose() {
    int[] rest = Arrays.copyOfRange(TEXT, 2 * SPAN, 4 * SPAN);
    try (KvCache cache = bench.open(config(folder))) {
      KvSession holder = cache.openSession(RED);
      bench.run(holder, front(TEXT, 2));
      holder.endTurn();
      PrefixMatch match = cache.match(RED, front(TEXT, 1));

      ErasureReport report = cache.tenants().erase(RED);
      assertThat(report.chunks()).isZero();
      assertThat(report.heldChunks()).isEqualTo(2);
      assertThat(found(cache, RED, TEXT)).isZero();

      bench.run(holder, rest);
      assertThat(holder.endTurn()).isZero();
      assertThat(found(cache, RED, TEXT)).as("what it went on with").isZero();
      assertThatThrownBy(() -> holder.save("mine"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("tokens that were erased");
      assertThat(holder.length()).isEqualTo(4 * SPAN);
      holder.close();
      assertThat(cache.tenants().usage(RED).chunks()).as("held by the match").isEqualTo(1);
      match.close();
      assertThat(cache.tenants().usage(RED).chunks()).isZero();
      assertThat(cache.tenants().usage(RED).ssd().blocks()).isZero();
      bench.store(cache, RED, TEXT);
      assertThat(found(cache, RED, TEXT)).isEqualTo(4 * SPAN);
    }
  }

  @Test
  void whatIsStoredAnewIsFoundThoughSomebodyStillHoldsWhatWasErased() {
    try (KvCache cache = bench.open(config(folder))) {
      bench.store(cache, RED, TEXT);
      PrefixMatch match = cache.match(RED, front(TEXT, 1));
      assertThat(cache.tenants().erase(RED).heldChunks()).isEqualTo(1);
      assertThat(bench.store(cache, RED, TEXT)).isZero();
      assertThat(found(cache, RED, TEXT)).isEqualTo(4 * SPAN);
      match.close();
      cache.work();
      assertThat(found(cache, RED, TEXT)).as("after the old was let go").isEqualTo(4 * SPAN);
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, TEXT)).as("after a restart").isEqualTo(4 * SPAN);
    }
  }

  @Test
  void aSessionWithoutASealedChunkLeavesNothingEither() {
    try (KvCache cache = bench.open(config(folder))) {
      try (KvSession session = cache.openSession(RED)) {
        bench.run(session, Arrays.copyOf(TEXT, SPAN - 1));
        cache.tenants().erase(RED);
        bench.run(session, Arrays.copyOfRange(TEXT, SPAN - 1, 2 * SPAN));
        session.endTurn();
        assertThat(found(cache, RED, TEXT)).isZero();
        try (KvSession fork = session.fork()) {
          bench.run(fork, Arrays.copyOfRange(TEXT, 2 * SPAN, 3 * SPAN));
        }
      }
      assertThat(cache.stats().chunks()).isZero();
    }
  }

  @Test
  void aPrefixIsErasedWithAllThatContinuesIt() {
    int[] sibling = fork(TEXT, 1, 9);
    int[] branch = fork(TEXT, 3, 10);
    try (KvCache cache = bench.open(config(folder))) {
      for (int[] each : new int[][] {TEXT, sibling, branch}) {
        bench.store(cache, RED, each);
      }
      bench.store(cache, BLUE, TEXT);
      try (KvSession session = cache.openSession(RED)) {
        session.reuse(TEXT);
        session.save("inside");
        session.truncate(SPAN + 3);
        session.save("outside");
      }
      int[] inTheMiddleOfABlock = Arrays.copyOf(TEXT, 2 * SPAN + 7);
      ErasureReport report = cache.tenants().erasePrefix(RED, inTheMiddleOfABlock);
      assertThat(report.chunks()).isEqualTo(4);
      assertThat(report.savedSessions()).isEqualTo(1);
      assertThat(cache.savedSessions(RED)).containsExactly("outside");
      assertPrefixErased(cache, sibling, branch);
      assertThatThrownBy(() -> cache.tenants().erasePrefix(RED, Arrays.copyOf(TEXT, 5)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("5 tokens fills no block of 32");
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertPrefixErased(cache, sibling, branch);
    }
  }

  private static void assertPrefixErased(KvCache cache, int[] sibling, int[] branch) {
    assertThat(found(cache, RED, TEXT)).isEqualTo(SPAN);
    assertThat(found(cache, RED, branch)).isEqualTo(SPAN);
    assertThat(found(cache, RED, sibling)).isEqualTo(4 * SPAN);
    assertThat(found(cache, BLUE, TEXT)).isEqualTo(4 * SPAN);
  }

  @Test
  void aModelIsErasedForEveryTenant() {
    CacheConfig.Builder other =
        CacheConfig.of(Shapes.PLAIN, "other").blockTokens(SPAN).ssd(folder, 16 << 20);
    Fingerprint model;
    try (KvCache cache = bench.open(config(folder))) {
      model = cache.fingerprint();
      bench.store(cache, RED, TEXT);
      bench.store(cache, BLUE, TEXT);
      try (KvSession session = cache.openSession(RED)) {
        session.reuse(TEXT);
        session.save("of the model");
      }
    }
    try (KvCache cache = bench.open(other)) {
      bench.store(cache, RED, TEXT);
      try (KvSession session = cache.openSession(RED)) {
        session.reuse(TEXT);
        session.save("of the other");
      }
      ErasureReport report = cache.tenants().eraseModel(model);
      assertThat(report.chunks()).isEqualTo(8);
      assertThat(report.bytes()).isEqualTo(8 * CHUNK_PAYLOAD);
      assertThat(report.savedSessions()).isEqualTo(1);
      assertThat(cache.savedSessions(RED)).containsExactly("of the other");
      assertThat(found(cache, RED, TEXT)).isEqualTo(4 * SPAN);
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(found(cache, RED, TEXT)).isZero();
      assertThat(found(cache, BLUE, TEXT)).isZero();
      assertThat(cache.stats().chunks()).as("the other model's").isEqualTo(4);
    }
  }

  @Test
  void savedSessionsAndAliasesOfATenantGoToo() {
    AliasIndex index = new AliasIndex(100);
    try (KvCache cache = bench.open(config(folder))) {
      cache.tenants().eraseFrom(index);
      for (Tenant tenant : new Tenant[] {RED, BLUE, Tenant.NONE}) {
        try (KvSession session = cache.openSession(tenant)) {
          bench.run(session, TEXT);
          session.save("s");
        }
        ChainKey chain = ChainKey.root(tenant, cache.fingerprint()).next(TEXT, 0, SPAN);
        ChunkKey key = new ChunkKey(tenant, cache.fingerprint(), chain);
        AliasScope scope = new AliasScope("vllm", 16, tenant, cache.fingerprint());
        index.add(scope, new Digest256(1, 2, 3, 4), new AliasTarget(key, 16));
      }
      ErasureReport report = cache.tenants().erase(RED);
      assertThat(report.savedSessions()).isEqualTo(1);
      assertThat(report.aliases()).isEqualTo(1);
      assertThat(index.size()).isEqualTo(2);
      assertThat(cache.savedSessions(RED)).isEmpty();
      assertThat(folder.resolve("sessions").resolve(RED.hash())).doesNotExist();
      assertThat(cache.savedSessions(BLUE)).containsExactly("s");
      assertThat(cache.savedSessions()).containsExactly("s");
      assertThat(cache.resume(RED, "s")).isInstanceOf(Resumption.Refused.class);
    }
  }

  @Test
  void theStoreHoldsNoSalt() throws Exception {
    String salt = "a salt that nobody may read";
    try (KvCache cache = bench.open(config(folder))) {
      Tenant tenant = TenantBench.tenant(salt);
      bench.store(cache, tenant, TEXT);
      cache.retention().pin(tenant, TEXT);
      try (KvSession session = cache.openSession(tenant)) {
        session.reuse(TEXT);
        session.save("s");
      }
      assertThat(cache.tenants().list().toString()).contains(tenant.hash()).doesNotContain(salt);
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as("%s", file)
            .doesNotContain(salt);
      }
    }
  }
}
