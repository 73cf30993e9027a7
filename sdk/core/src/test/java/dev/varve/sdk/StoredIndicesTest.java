package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredIndicesTest {

  private static final int SPAN = 32;
  private static final int[] TEXT = SyntheticEngine.tokens(31, 700);
  private static final String PAGES = "quest(page=8,init=4,k=16,local=16,dense=0)";

  @TempDir Path folder;
  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);

  private KvCache cache() {
    return KvCache.open(
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(SPAN)
            .hot(300 * 4096)
            .ssd(folder, 1L << 24)
            .backend(Backend.SCALAR)
            .build());
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  private float[][] decode(KvSession session) {
    int at = session.length();
    float[][] outputs = new float[3][];
    try (Step step = session.begin(text(at, at + 1), false)) {
      for (int layer = 0; layer < 3; layer++) {
        step.append(
            layer,
            engine.keys(layer, text(at, at + 1), at),
            engine.values(layer, text(at, at + 1), at));
        outputs[layer] = engine.attend(step, layer, text(at, at + 1), at);
      }
      step.end();
    }
    return outputs;
  }

  private List<Path> files() {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> path.toString().endsWith(".index")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A prompt of 480 tokens and one token more; returns what the next one gives. */
  private float[][] turn(SelectiveReading reading) {
    try (KvCache cache = cache();
        KvSession session = cache.openSession(Tenant.NONE, reading)) {
      engine.run(session, text(0, 480), 100);
      decode(session);
      assertThat(session.endTurn()).isZero();
      return decode(session);
    }
  }

  private static long reads(KvCache cache) {
    return cache.stats().tiers().stream().mapToLong(CacheStats.TierStats::reads).sum();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PAGES,
        "tokenselect(init=4,k=16,local=64,theta=2,keys=int4)",
        "specache(init=4,k=16,local=64)",
        "triforce(chunk=8,init=4,k=16,local=16)",
        "actqkv(init=4,k=32,local=16,block=16)"
      })
  void anIndexIsFoundAfterARestartWithoutReadingAKey(String policy) {
    SelectiveReading reading = SelectiveReading.parse(policy);
    float[][] expected = turn(reading);
    assertThat(files()).hasSize(1);
    try (KvCache cache = cache();
        KvSession session = cache.openSession(Tenant.NONE, reading)) {
      assertThat(session.reuse(text(0, 481))).isEqualTo(480);
      assertThat(cache.stats().reading().restoredIndices()).isEqualTo(1);
      long before = reads(cache);
      decode(session);
      assertThat(decode(session)).isDeepEqualTo(expected);
      ReadingStats stats = cache.stats().reading();
      assertThat(stats.building()).isZero();
      assertThat(stats.selected()).isEqualTo(6);
      assertThat(reads(cache) - before).isEqualTo(stats.hotBlocks() + stats.farBlocks());
      assertThat(stats.hotBlocks() + stats.farBlocks()).isLessThan(6 * 480 / SPAN);
    }
  }

  @Test
  void clustersOfAPromptServeTheNextSessionOverIt() {
    SelectiveReading reading =
        SelectiveReading.parse("squeezed(percent=20,sparsity=0.8,observe=20)");
    try (KvCache cache = cache()) {
      try (KvSession session = cache.openSession(Tenant.NONE, reading)) {
        engine.step(session, text(0, 480));
        session.endTurn();
      }
      assertThat(files()).hasSize(1);
      try (KvSession session = cache.openSession(Tenant.NONE, reading)) {
        assertThat(session.reuse(text(0, 480))).isEqualTo(460);
        decode(session);
        assertThat(cache.stats().reading().building()).isZero();
        assertThat(cache.stats().reading().selected()).isEqualTo(3);
      }
    }
  }

  @Test
  void whatScoresTheKeysThemselvesIsNotStored() {
    SelectiveReading reading = SelectiveReading.parse("tokenselect(init=4,k=16,local=16)");
    float[][] expected = turn(reading);
    assertThat(files()).isEmpty();
    try (KvCache cache = cache();
        KvSession session = cache.openSession(Tenant.NONE, reading)) {
      session.reuse(text(0, 481));
      decode(session);
      assertThat(cache.stats().reading().building()).isEqualTo(3);
      assertThat(decode(session)).isDeepEqualTo(expected);
    }
  }

  @Test
  void aResumedSessionFindsTheIndexOfAllItsBlocks() {
    SelectiveReading reading = SelectiveReading.parse(PAGES);
    float[][] expected;
    try (KvCache cache = cache();
        KvSession session = cache.openSession(Tenant.NONE, reading)) {
      engine.run(session, text(0, 300), 100);
      for (int i = 0; i < 100; i++) {
        decode(session);
      }
      session.save("s");
      expected = decode(session);
    }
    assertThat(files()).hasSize(2);
    try (KvCache cache = cache();
        KvSession session = ((Resumption.Resumed) cache.resume("s", reading)).session()) {
      assertThat(decode(session)).isDeepEqualTo(expected);
      assertThat(cache.stats().reading().building()).isZero();
    }
  }

  @Test
  void damagedBytesAreCountedAndTheIndexIsBuiltAnew() throws IOException {
    SelectiveReading reading = SelectiveReading.parse(PAGES);
    float[][] expected = turn(reading);
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    for (int damage = 0; damage < 3; damage++) {
      byte[] bytes = damage == 0 ? Arrays.copyOf(whole, whole.length / 2) : whole.clone();
      bytes[damage == 2 ? 20 : bytes.length - 5] ^= 4;
      Files.write(file, bytes);
      try (KvCache cache = cache();
          KvSession session = cache.openSession(Tenant.NONE, reading)) {
        session.reuse(text(0, 481));
        assertThat(cache.stats().reading().damagedIndices()).isEqualTo(1);
        assertThat(cache.stats().reading().restoredIndices()).isZero();
        assertThat(files()).isEmpty();
        decode(session);
        assertThat(cache.stats().reading().building()).isEqualTo(3);
        assertThat(decode(session)).isDeepEqualTo(expected);
      }
    }
  }

  @Test
  void anIndexOfAnotherPolicyPrefixOrModelIsNotTaken() throws IOException {
    SelectiveReading reading = SelectiveReading.parse(PAGES);
    turn(reading);
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    try (KvCache cache = cache();
        KvSession other =
            cache.openSession(
                Tenant.NONE,
                SelectiveReading.parse("quest(page=16,init=4,k=16,local=16,dense=0)"))) {
      other.reuse(text(0, 481));
      assertThat(cache.stats().reading().restoredIndices()).isZero();
      assertThat(cache.stats().reading().damagedIndices()).isZero();
    }
    // Somebody puts the file where that of another prefix would be.
    int[] elsewhere = text(100, 580);
    try (KvCache cache = cache();
        KvSession session = cache.openSession(Tenant.NONE, reading)) {
      engine.step(session, elsewhere);
      session.endTurn();
    }
    for (Path path : files()) {
      Files.write(path, bytes);
    }
    try (KvCache cache = cache();
        KvSession session = cache.openSession(Tenant.NONE, reading)) {
      session.reuse(Arrays.copyOf(elsewhere, 481));
      assertThat(cache.stats().reading().damagedIndices()).isEqualTo(1);
      assertThat(cache.stats().reading().restoredIndices()).isZero();
    }
  }

  @Test
  void erasingATenantErasesItsIndices() {
    SelectiveReading reading = SelectiveReading.parse(PAGES);
    Tenant one = Tenant.of(new byte[] {1}, new byte[] {2});
    try (KvCache cache = cache()) {
      for (Tenant tenant : new Tenant[] {one, Tenant.NONE}) {
        try (KvSession session = cache.openSession(tenant, reading)) {
          engine.run(session, text(0, 480), 100);
          session.endTurn();
        }
      }
      assertThat(files()).hasSize(2);
      cache.tenants().erase(one);
      assertThat(files()).hasSize(1);
    }
  }
}
