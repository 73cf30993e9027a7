package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.ModelShape;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SavedSessionTest {

  private static final int SPAN = 32;
  private static final long SLOT = 8192;
  private static final int[] TEXT = SyntheticEngine.tokens(31, 200);
  private static final Tenant TENANT = Tenant.of(new byte[] {1}, new byte[] {2});

  @TempDir Path folder;
  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);

  @ParameterizedTest
  @EnumSource(Backend.class)
  void goesOnWithTheSameBitsAfterARestart(Backend backend) {
    SyntheticEngine mixed = new SyntheticEngine(Shapes.MIXED);
    for (int saved : new int[] {1, 31, 32, 33, 64, 150}) {
      String name = "at " + saved;
      CacheConfig config = config(Shapes.MIXED, 60).backend(backend).build();
      float[][] expected;
      try (KvCache cache = KvCache.open(config);
          KvSession session = cache.openSession()) {
        mixed.run(session, Arrays.copyOf(TEXT, saved), 47);
        assertThat(session.save(name)).isZero();
        expected = mixed.run(session, Arrays.copyOfRange(TEXT, saved, 200), 20);
      }
      // Another set of tiers: a hot tier that holds little, and a host tier below it.
      CacheConfig other = config(Shapes.MIXED, 10).host(24 * SLOT).backend(backend).build();
      try (KvCache cache = KvCache.open(other);
          KvSession session = resumed(cache.resume(name), saved)) {
        assertThat(session.length()).isEqualTo(saved);
        assertThat(session.tokenIds()).isEqualTo(Arrays.copyOf(TEXT, saved));
        assertThat(mixed.run(session, Arrays.copyOfRange(TEXT, saved, 200), 7))
            .as("saved at %d", saved)
            .isDeepEqualTo(expected);
      }
    }
  }

  @Test
  void anEmptySessionIsSavedToo() {
    try (KvCache cache = KvCache.open(config().build())) {
      try (KvSession session = cache.openSession()) {
        session.save("nothing");
      }
      try (KvSession session = resumed(cache.resume("nothing"), 0)) {
        assertThat(session.length()).isZero();
      }
    }
  }

  @Test
  void theLastSaveOfANameCounts() {
    try (KvCache cache = KvCache.open(config().build());
        KvSession session = cache.openSession()) {
      engine.run(session, Arrays.copyOf(TEXT, 40), 40);
      session.save("a");
      engine.run(session, Arrays.copyOfRange(TEXT, 40, 45), 5);
      session.save("a");
      session.truncate(10);
      try (KvSession resumed = resumed(cache.resume("a"), 45)) {
        assertThat(resumed.length()).isEqualTo(45);
      }
    }
    assertThat(files()).hasSize(1);
  }

  @Test
  void resumesToTheLongestPrefixThatIsLeftAndSaysSo() throws IOException {
    saveText("long");
    Path index = folder.resolve("sessions");
    Path aside = folder.resolveSibling(folder.getFileName() + "-aside");
    Files.move(index, aside);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        if (!path.equals(folder)) {
          Files.delete(path);
        }
      }
    }
    // A store that knows only the first 100 tokens, and the file of 200.
    try (KvCache cache = KvCache.open(config().build());
        KvSession session = cache.openSession()) {
      engine.run(session, Arrays.copyOf(TEXT, 100), 100);
    }
    Files.move(aside, index);
    try (KvCache cache = KvCache.open(config().build())) {
      Resumption resumption = cache.resume("long");
      assertThat(resumption).isInstanceOf(Resumption.Resumed.class);
      Resumption.Resumed resumed = (Resumption.Resumed) resumption;
      try (KvSession session = resumed.session()) {
        assertThat(resumed.complete()).isFalse();
        assertThat(resumed.savedTokens()).isEqualTo(200);
        assertThat(session.length()).isEqualTo(96);
        assertThat(session.tokenIds()).isEqualTo(Arrays.copyOf(TEXT, 96));
      }
    }
  }

  @RepeatedTest(20)
  void aFlippedOrTruncatedFileIsAMissWithASentence(RepetitionInfo repetition) throws IOException {
    saveText("s");
    long seed = 500L + repetition.getCurrentRepetition();
    SplittableRandom random = new SplittableRandom(seed);
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    boolean cut = random.nextBoolean();
    int at = random.nextInt(cut ? bytes.length : Math.min(bytes.length, 4000));
    if (cut) {
      bytes = Arrays.copyOf(bytes, at);
    } else {
      bytes[at] ^= (byte) (1 << random.nextInt(8));
    }
    Files.write(file, bytes);
    try (KvCache cache = KvCache.open(config().build())) {
      Resumption resumption = cache.resume("s");
      assertThat(resumption)
          .as("seed %d, byte %d", seed, at)
          .isInstanceOf(Resumption.Refused.class);
      assertThat(((Resumption.Refused) resumption).reason()).contains("'s' is damaged: ");
      assertThat(cache.stats().refusedSessions()).isEqualTo(1);
      try (KvSession session = cache.openSession()) {
        assertThat(session.reuse(TEXT)).as("the blocks are still there").isEqualTo(192);
        session.save("s");
      }
      resumed(cache.resume("s"), 192).close();
    }
  }

  @Test
  void longerFilesAreRefused() throws IOException {
    saveText("s");
    Path file = files().getFirst();
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 1 << 20));
    try (KvCache cache = KvCache.open(config().build())) {
      assertThat(reason(cache.resume("s"))).contains("and the file has 1048576");
    }
  }

  @Test
  void neitherAnotherModelNorAnotherTenantResumesIt() throws IOException {
    saveText("mine");
    CacheConfig otherModel =
        CacheConfig.of(Shapes.PLAIN, "other")
            .blockTokens(SPAN)
            .hot(30 * SLOT)
            .ssd(folder, 1 << 26)
            .build();
    try (KvCache cache = KvCache.open(otherModel);
        KvSession session = cache.openSession()) {
      assertThat(reason(cache.resume("mine"))).contains("'mine' is of the model ");
      assertThat(cache.stats().refusedSessions()).as("not damaged").isZero();
      assertThatThrownBy(() -> session.save("mine"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("of the model");
    }
    try (KvCache cache = KvCache.open(config().build())) {
      assertThat(reason(cache.resume(TENANT, "mine"))).contains("is not saved for this tenant");
      Path own = files().getFirst();
      Path theirs = folder.resolve("sessions").resolve(hex(TENANT));
      Files.createDirectories(theirs);
      Files.copy(own, theirs.resolve(own.getFileName()));
      assertThat(reason(cache.resume(TENANT, "mine"))).contains("belongs to another tenant");
      resumed(cache.resume("mine"), 200).close();
    }
  }

  @Test
  void tenantsMayUseTheSameName() {
    try (KvCache cache = KvCache.open(config().build())) {
      try (KvSession session = cache.openSession(TENANT)) {
        engine.run(session, Arrays.copyOf(TEXT, 50), 50);
        session.save("x");
      }
      try (KvSession session = cache.openSession()) {
        engine.run(session, Arrays.copyOf(TEXT, 20), 20);
        session.save("x");
      }
      resumed(cache.resume(TENANT, "x"), 50).close();
      resumed(cache.resume("x"), 20).close();
      assertThat(cache.deleteSaved(TENANT, "x")).isTrue();
      assertThat(cache.savedSessions(TENANT)).isEmpty();
      assertThat(cache.savedSessions()).containsExactly("x");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc/x", "..", ".", "a/b", "a\\b", "\0", "%2e", "größer ☃", "A b"})
  void anyNameStaysInsideTheFolder(String name) throws IOException {
    try (KvCache cache = KvCache.open(config().build());
        KvSession session = cache.openSession()) {
      engine.run(session, Arrays.copyOf(TEXT, 5), 5);
      session.save(name);
      assertThat(cache.savedSessions()).containsExactly(name);
      Path file = folder.resolve("sessions").relativize(files().getFirst());
      assertThat(file.getNameCount()).as("%s", file).isEqualTo(2);
      resumed(cache.resume(name), 5).close();
      assertThat(cache.deleteSaved(name)).isTrue();
      assertThat(cache.deleteSaved(name)).isFalse();
      assertThat(cache.savedSessions()).isEmpty();
    }
  }

  @Test
  void refusesNamesThatCannotBeFiles() {
    try (KvCache cache = KvCache.open(config().build());
        KvSession session = cache.openSession()) {
      assertThatThrownBy(() -> session.save("")).hasMessageContaining("empty");
      assertThatThrownBy(() -> session.save("x".repeat(201))).hasMessageContaining("limit is 200");
      assertThatThrownBy(() -> session.save("\uD800")).hasMessageContaining("surrogate");
    }
  }

  @Test
  void refusesToSaveWithoutAnSsdTier() {
    CacheConfig config =
        CacheConfig.of(Shapes.PLAIN, "model").blockTokens(SPAN).hot(30 * SLOT).build();
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      assertThatThrownBy(() -> session.save("x")).hasMessageContaining("no SSD tier");
      assertThatThrownBy(cache::savedSessions).hasMessageContaining("no SSD tier");
    }
  }

  @Test
  void aFailedSaveLeavesTheOneBefore() throws IOException {
    saveText("s");
    Path file = files().getFirst();
    Path blocker = file.resolveSibling(file.getFileName() + ".new");
    Files.createDirectories(blocker.resolve("in the way"));
    try (KvCache cache = KvCache.open(config().build());
        KvSession session = cache.openSession()) {
      engine.run(session, Arrays.copyOf(TEXT, 7), 7);
      assertThatThrownBy(() -> session.save("s"))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("'s' cannot be saved");
      resumed(cache.resume("s"), 200).close();
    }
  }

  @Test
  void aResumeThatFindsNoHotRoomChangesNothing() {
    saveText("s");
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 3).build());
        KvSession hog = cache.openSession()) {
      engine.run(hog, Arrays.copyOf(SyntheticEngine.tokens(5, 3), 3), 3);
      assertThatThrownBy(() -> cache.resume("s")).isInstanceOf(HotTierFullException.class);
    }
  }

  private void saveText(String name) {
    try (KvCache cache = KvCache.open(config().build());
        KvSession session = cache.openSession()) {
      engine.run(session, TEXT, 64);
      session.save(name);
    }
  }

  private static KvSession resumed(Resumption resumption, int tokens) {
    assertThat(resumption).isInstanceOf(Resumption.Resumed.class);
    Resumption.Resumed resumed = (Resumption.Resumed) resumption;
    assertThat(resumed.savedTokens()).isEqualTo(tokens);
    assertThat(resumed.complete()).isTrue();
    return resumed.session();
  }

  private static String reason(Resumption resumption) {
    assertThat(resumption).isInstanceOf(Resumption.Refused.class);
    return ((Resumption.Refused) resumption).reason();
  }

  private static String hex(Tenant tenant) {
    return "%016x%016x".formatted(tenant.high(), tenant.low());
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.walk(folder.resolve("sessions"))) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private CacheConfig.Builder config() {
    return config(Shapes.PLAIN, 40);
  }

  private CacheConfig.Builder config(ModelShape shape, int slots) {
    return CacheConfig.of(shape, "model").blockTokens(SPAN).hot(slots * SLOT).ssd(folder, 1 << 26);
  }
}
