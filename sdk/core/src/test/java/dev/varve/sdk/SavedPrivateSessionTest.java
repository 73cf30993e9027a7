package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.MergedRow;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saving and resuming sessions that forgot something. */
class SavedPrivateSessionTest {

  private static final int[] TEXT = SyntheticEngine.tokens(61, 300);
  private static final Tenant TENANT = Tenant.of(new byte[] {1}, new byte[] {2});

  @TempDir Path folder;
  private final SyntheticEngine engine = new SyntheticEngine(Shapes.MIXED);

  private CacheConfig config() {
    return CacheConfig.of(Shapes.MIXED, "model")
        .blockTokens(32)
        .hot(150 * 8192)
        .ssd(folder, 8 << 20)
        .build();
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  /** Keeps a third of the rows and merges some of the others. */
  private static ScriptedForgetting policy() {
    return new ScriptedForgetting(history -> {
      KeepSets keep = ScriptedForgetting.keep(history, row -> row % 3 == 0);
      float[] key = new float[24];
      float[] value = new float[8];
      Arrays.fill(key, 0.5f);
      Arrays.fill(value, -2);
      MergedRow merged = new MergedRow(1, 50, key, value, 17);
      return keep.set(1, 2, new HeadKeepSet(new int[] {0, 60}, List.of(merged)));
    });
  }

  private int saveText(KvCache cache, KvSession session) {
    engine.run(session, text(0, 150), 60);
    session.forget();
    engine.run(session, text(150, 190), 13);
    assertThat(session.save("s")).isZero();
    return cache.savedSessions(session.tenant()).size();
  }

  @Test
  void goesOnWithTheSameBitsAfterARestart() {
    float[][] expected;
    SessionUsage usage;
    try (KvCache cache = KvCache.open(config());
        KvSession session = cache.openSession(Tenant.NONE, policy())) {
      assertThat(saveText(cache, session)).isEqualTo(1);
      usage = session.usage();
      expected = engine.run(session, text(190, 260), 9);
    }
    try (KvCache cache = KvCache.open(config());
        KvSession session = resumed(cache.resume(Tenant.NONE, "s", policy()))) {
      assertThat(session.length()).isEqualTo(190);
      assertThat(session.tokenIds()).isEqualTo(text(0, 190));
      assertThat(session.usage()).isEqualTo(usage);
      assertThat(engine.run(session, text(190, 260), 70)).isDeepEqualTo(expected);
      assertThatThrownBy(() -> session.truncate(20)).hasMessageContaining("positions 1 to 50");
      assertThat(session.forget()).isTrue();
      try (KvSession other = cache.openSession()) {
        assertThat(other.reuse(TEXT)).as("only what was exact is shared").isEqualTo(128);
      }
    }
    try (KvCache cache = KvCache.open(config());
        KvSession session = resumed(cache.resume("s"))) {
      assertThat(engine.run(session, text(190, 260), 31)).isDeepEqualTo(expected);
    }
  }

  @Test
  void theEndOfTheTurnWritesTheSharedBlocksThatAreNoLongerRead() {
    try (KvCache cache = KvCache.open(config());
        KvSession session = cache.openSession(Tenant.NONE, policy())) {
      engine.run(session, text(0, 150), 60);
      session.forget();
      long before = cache.stats().tier(Tier.SSD).blocks();
      assertThat(session.endTurn()).isZero();
      assertThat(cache.stats().tier(Tier.SSD).blocks()).isEqualTo(before + 4 * 4);
    }
  }

  @Test
  void resumesWhatWasParked() {
    try (KvCache cache = KvCache.open(config());
        KvSession session = cache.openSession(Tenant.NONE, policy().parking())) {
      saveText(cache, session);
      assertThat(session.usage().parkedTokens()).isEqualTo(128);
    }
    try (KvCache cache = KvCache.open(config());
        KvSession session = resumed(cache.resume("s"))) {
      assertThat(session.usage().parkedTokens()).isEqualTo(128);
      assertThat(cache.stats().forgetting().parkedTokens()).isEqualTo(128);
    }
  }

  @Test
  void isRefusedWhereThereIsNoRoomAndLeavesNothingBehind() {
    try (KvCache cache = KvCache.open(config());
        KvSession session = cache.openSession(Tenant.NONE, policy().parking())) {
      saveText(cache, session);
    }
    CacheConfig tight =
        CacheConfig.of(Shapes.MIXED, "model")
            .blockTokens(32)
            .hot(5 * 8192)
            .ssd(folder, 8 << 20)
            .build();
    try (KvCache cache = KvCache.open(tight)) {
      assertThatThrownBy(() -> resumed(cache.resume("s"))).isInstanceOf(HotTierFullException.class);
      assertThat(cache.stats().forgetting().privateBytes()).isZero();
      assertThat(cache.stats().forgetting().parkedBytes()).isZero();
    }
  }

  @RepeatedTest(20)
  void aDamagedFileIsRefusedWithASentence(RepetitionInfo repetition) throws IOException {
    try (KvCache cache = KvCache.open(config());
        KvSession session = cache.openSession(Tenant.NONE, policy())) {
      saveText(cache, session);
    }
    long seed = 900L + repetition.getCurrentRepetition();
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = Files.readAllBytes(file());
    int at = 128 + 4 * 190 + random.nextInt(2000);
    bytes[at] ^= (byte) (1 << random.nextInt(8));
    Files.write(file(), bytes);
    try (KvCache cache = KvCache.open(config())) {
      assertThat(reason(cache)).as("seed %d", seed).contains("is damaged: CRC");
      assertThat(cache.stats().refusedSessions()).isEqualTo(1);
    }
  }

  /** Lengths, positions and weights that lie, under a checksum that holds. */
  @RepeatedTest(40)
  void numbersThatDoNotAddUpAreRefused(RepetitionInfo repetition) throws IOException {
    try (KvCache cache = KvCache.open(config());
        KvSession session = cache.openSession(Tenant.NONE, policy())) {
      saveText(cache, session);
    }
    long seed = 1700L + repetition.getCurrentRepetition();
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = Files.readAllBytes(file());
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    // The header of layer 0, that of its first head, and its first positions.
    int at = 128 + 4 * 190 + 4 * random.nextInt(8 + 20);
    int wrong = random.nextBoolean() ? -1 - random.nextInt(5) : 1_000_000 + random.nextInt();
    file.putInt(at, wrong);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    file.putInt(bytes.length - 4, (int) crc.getValue());
    Files.write(file(), bytes);
    try (KvCache cache = KvCache.open(config())) {
      assertThat(reason(cache)).as("seed %d", seed).contains("private rows do not add up");
    }
  }

  @Test
  void erasingAPromptMakesASessionThatCopiedItUnsavable() {
    try (KvCache cache = KvCache.open(config());
        KvSession copied = cache.openSession(TENANT, policy());
        KvSession copiesLater = cache.openSession(TENANT, policy());
        KvSession other = cache.openSession(TENANT, policy())) {
      saveText(cache, copied);
      engine.run(copiesLater, text(0, 100), 100);
      engine.run(other, SyntheticEngine.tokens(4, 100), 100);
      other.forget();
      assertThat(cache.tenants().erasePrefix(TENANT, text(0, 64)).savedSessions()).isEqualTo(1);
      copiesLater.forget();
      for (KvSession erased : List.of(copied, copiesLater)) {
        assertThatThrownBy(() -> erased.save("again")).hasMessageContaining("were erased");
      }
      other.save("other");
      assertThat(cache.savedSessions(TENANT)).containsExactly("other");
    }
  }

  private String reason(KvCache cache) {
    Resumption resumption = cache.resume("s");
    assertThat(resumption).isInstanceOf(Resumption.Refused.class);
    return ((Resumption.Refused) resumption).reason();
  }

  private static KvSession resumed(Resumption resumption) {
    assertThat(resumption).isInstanceOf(Resumption.Resumed.class);
    assertThat(((Resumption.Resumed) resumption).complete()).isTrue();
    return ((Resumption.Resumed) resumption).session();
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("sessions"))) {
      return files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
  }
}
