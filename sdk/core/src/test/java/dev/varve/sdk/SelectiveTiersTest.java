package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.reading.Deadline;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectiveTiersTest {

  private static final int SPAN = 32;
  private static final long SLOT = 4096;
  private static final int[] TEXT = SyntheticEngine.tokens(29, 700);
  private static final SelectiveReading VOTES =
      SelectiveReading.parse("tokenselect(init=4,k=6,local=16,theta=2)");
  private static final SelectiveReading PAGES =
      SelectiveReading.parse("quest(page=8,init=4,k=8,local=16,dense=0)");

  @TempDir Path folder;
  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);

  private static CacheConfig.Builder config(int hotSlots) {
    return CacheConfig.of(Shapes.PLAIN, "model")
        .blockTokens(SPAN)
        .hot(hotSlots * SLOT)
        .backend(Backend.SCALAR);
  }

  private CacheConfig.Builder small() {
    return config(24).host(40 * SLOT).ssd(folder, 1L << 24);
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  private float[][] decode(KvSession session, int count) {
    float[][] outputs = {};
    for (int i = 0; i < count; i++) {
      outputs = engine.step(session, text(session.length(), session.length() + 1));
    }
    return outputs;
  }

  /** Only chosen blocks come up, and what they give does not depend on where they were. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void waitingGivesTheSameBitsWhereverTheRowsLie(boolean pages) {
    SelectiveReading reading = pages ? PAGES : VOTES;
    float[][] expected;
    try (KvCache roomy = KvCache.open(config(400).build());
        KvSession session = roomy.openSession(Tenant.NONE, reading)) {
      engine.run(session, text(0, 600), 100);
      expected = decode(session, 30);
      assertThat(roomy.stats().reading().hitRate()).isEqualTo(1);
    }
    try (KvCache cache = KvCache.open(small().build());
        KvSession session = cache.openSession(Tenant.NONE, reading)) {
      engine.run(session, text(0, 600), 100);
      long before = cache.stats().tier(Tier.HOT).reads();
      assertThat(decode(session, 30)).isDeepEqualTo(expected);
      ReadingStats stats = cache.stats().reading();
      assertThat(stats.selected()).isEqualTo(90);
      assertThat(stats.skippedBlocks()).isZero();
      assertThat(stats.hotBlocks()).isPositive();
      assertThat(stats.farBlocks()).isPositive();
      assertThat(stats.lateBytes() + stats.prefetchedBytes())
          .isEqualTo(stats.farBlocks() * cache.geometry().block(0).bytes());
      assertThat(cache.stats().tier(Tier.HOT).reads() - before).isEqualTo(stats.hotBlocks());
      assertThat(stats.hotBlocks() + stats.farBlocks()).isLessThan(90 * 18);
    }
  }

  @Test
  void aDeadlineOfZeroLeavesOutWhatIsNotHotAndAsksForIt() {
    SelectiveReading never = VOTES.within(new Deadline.Skip(Duration.ZERO));
    try (KvCache cache = KvCache.open(small().build());
        KvSession session = cache.openSession(Tenant.NONE, never);
        KvSession waiting = cache.openSession(Tenant.NONE, VOTES)) {
      engine.run(session, text(0, 600), 100);
      engine.run(waiting, text(0, 600), 100);
      float[][] whole = decode(waiting, 1);
      long far = cache.stats().reading().farBlocks();
      assertThat(decode(session, 1)).isNotEqualTo(whole);
      ReadingStats first = cache.stats().reading();
      assertThat(first.skippedBlocks()).isPositive();
      assertThat(first.rowsSkipped()).isPositive();
      assertThat(first.farBlocks()).isEqualTo(far);
      while (cache.work() > 0) {
        // The blocks that were too late come now.
      }
      assertThat(cache.stats().reading().broughtUpBytes()).isPositive();
    }
  }

  @Test
  void aDeadlineIsCountedFromWhenTheLayerIsAsked() {
    SelectiveReading soon = VOTES.within(new Deadline.Skip(Duration.ofNanos(10)));
    AtomicLong clock = new AtomicLong();
    try (KvCache cache = KvCache.open(small().build(), clock::get);
        KvSession session = cache.openSession(Tenant.NONE, soon)) {
      engine.run(session, text(0, 600), 100);
      decode(session, 5);
      // The clock stands still: all the time of the world.
      assertThat(cache.stats().reading().skippedBlocks()).isZero();
      assertThat(cache.stats().reading().lateBytes()).isPositive();
    }
    AtomicLong running = new AtomicLong();
    try (KvCache cache =
            KvCache.open(config(16).host(400 * SLOT).build(), () -> running.addAndGet(6));
        KvSession session = cache.openSession(Tenant.NONE, soon)) {
      engine.run(session, text(0, 600), 100);
      decode(session, 5);
      assertThat(cache.stats().reading().skippedBlocks()).isPositive();
    }
    assertThatThrownBy(() -> new Deadline.Skip(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 or more");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cutForkedAndResumedSessionsGoOnAlike(boolean pages) {
    SelectiveReading reading = pages ? PAGES : VOTES;
    float[][] expected;
    try (KvCache roomy = KvCache.open(config(400).build());
        KvSession session = roomy.openSession(Tenant.NONE, reading)) {
      engine.run(session, text(0, 400), 100);
      expected = decode(session, 41);
    }
    try (KvCache cache = KvCache.open(small().build())) {
      try (KvSession session = cache.openSession(Tenant.NONE, reading)) {
        engine.run(session, text(0, 400), 100);
        decode(session, 60);
        session.truncate(430);
        try (KvSession fork = session.fork()) {
          assertThat(decode(fork, 11)).isDeepEqualTo(expected);
          fork.truncate(390);
        }
        assertThat(decode(session, 11)).isDeepEqualTo(expected);
        session.truncate(425);
        session.save("half");
      }
      assertThat(cache.stats().reading().building()).isZero();
      assertThat(cache.resume("half"))
          .isInstanceOfSatisfying(
              Resumption.Refused.class,
              refused -> assertThat(refused.reason()).contains("another policy"));
      assertThat(cache.resume("half", VOTES.inPrompts())).isInstanceOf(Resumption.Refused.class);
      assertThat(cache.stats().refusedSessions()).isZero();
    }
    try (KvCache cache = KvCache.open(small().build());
        KvSession session = resumed(cache.resume(Tenant.NONE, "half", reading), 425)) {
      // That of pages was saved; the other is built by the first step, which reads everything.
      decode(session, 1);
      assertThat(cache.stats().reading().building()).isEqualTo(pages ? 0 : 3);
      assertThat(decode(session, 15)).isDeepEqualTo(expected);
      assertThat(cache.stats().reading().building()).isEqualTo(pages ? 0 : 3);
    }
  }

  private static KvSession resumed(Resumption resumption, int tokens) {
    assertThat(resumption).isInstanceOf(Resumption.Resumed.class);
    KvSession session = ((Resumption.Resumed) resumption).session();
    assertThat(session.length()).isEqualTo(tokens);
    return session;
  }

  @Test
  void aSessionThatChoseNothingIsResumedByAnybody() {
    try (KvCache cache = KvCache.open(small().build())) {
      try (KvSession session = cache.openSession(Tenant.NONE, VOTES)) {
        engine.run(session, text(0, 300), 100);
        session.save("exact");
      }
      try (KvSession session = resumed(cache.resume("exact"), 300)) {
        assertThat(session.length()).isEqualTo(300);
      }
    }
  }

  @Test
  void erasingAPrefixErasesWhatWasComputedFromAChoiceOverIt() {
    Tenant tenant = Tenant.of(new byte[] {1}, new byte[] {2});
    try (KvCache cache = KvCache.open(config(400).build())) {
      try (KvSession session = cache.openSession(tenant, VOTES)) {
        engine.run(session, text(0, 200), 100);
        decode(session, 100);
      }
      assertThat(cache.stats().chunks()).isEqualTo(9);
      cache.tenants().erasePrefix(tenant, text(0, 64));
      assertThat(cache.stats().chunks()).isEqualTo(1);
    }
  }

  @Test
  void aStepThatIsAbortedLeavesNothingBehind() {
    try (KvCache cache = KvCache.open(small().build());
        KvSession session = cache.openSession(Tenant.NONE, VOTES)) {
      engine.run(session, text(0, 300), 100);
      try (Step step = session.begin(text(300, 301), false)) {
        step.append(0, engine.keys(0, text(300, 301), 300), engine.values(0, text(300, 301), 300));
        engine.attend(step, 0, text(300, 301), 300);
      }
      session.truncate(288);
      engine.step(session, text(288, 330));
      session.save("a");
      try (KvSession resumed = resumed(cache.resume("a"), 330)) {
        assertThat(resumed.length()).isEqualTo(330);
      }
    }
  }
}
