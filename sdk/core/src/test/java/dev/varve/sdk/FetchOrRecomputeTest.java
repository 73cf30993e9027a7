package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.offload.transfer.PrefillCost;
import dev.varve.offload.transfer.TransferDecision;
import dev.varve.offload.transfer.TransferDecision.Outcome;
import dev.varve.offload.transfer.TransferStats;
import dev.varve.store.Tier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchOrRecomputeTest {

  private static final int SPAN = 32;
  private static final int[] TEXT = SyntheticEngine.tokens(21, 300);
  private static final int STORED = 288;
  private static final PrefillCost DEAR = PrefillCost.perToken(1e6);
  private static final PrefillCost FREE = PrefillCost.perToken(0);

  @TempDir Path folder;
  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final AtomicLong clock = new AtomicLong();
  private float[][] expected = {};

  @BeforeEach
  void storeTheText() {
    try (KvCache cache = KvCache.open(config().build());
        KvSession session = cache.openSession()) {
      expected = engine.run(session, TEXT, 50);
    }
  }

  @Test
  void fetchesAllWhileTheCostIsUnknownAndSaysSo() {
    try (KvCache cache = open(config());
        KvSession session = cache.openSession()) {
      assertThat(session.decision()).isEmpty();
      assertThat(session.reuse(TEXT)).isEqualTo(STORED);
      TransferDecision decision = session.decision().orElseThrow();
      assertThat(decision.outcome()).isEqualTo(Outcome.COST_UNKNOWN);
      assertThat(decision.explain()).contains("SSD 27 blocks", "prefill cost is unknown");
      TransferStats stats = cache.stats().transfers();
      assertThat(stats.decisions(Outcome.COST_UNKNOWN)).isEqualTo(1);
      assertThat(stats.fetchedTokens()).isEqualTo(STORED);
      assertThat(stats.recomputedTokens()).isZero();
      assertThat(stats.prefillCost()).isEmpty();
    }
  }

  @Test
  void recomputesWhatIsCheaperToComputeAndGetsTheSameBits() {
    try (KvCache cache = open(config().prefillCost(FREE));
        KvSession session = cache.openSession()) {
      long readsBefore = cache.stats().tier(Tier.SSD).reads();
      assertThat(session.reuse(TEXT)).isZero();
      assertThat(session.decision().orElseThrow().outcome()).isEqualTo(Outcome.RECOMPUTE);
      assertThat(session.decision().orElseThrow().explain())
          .contains("fetch none of 9 matched chunks", "compute 288 tokens");
      assertThat(cache.stats().tier(Tier.SSD).reads()).isEqualTo(readsBefore);
      assertThat(engine.run(session, TEXT, 70)).isDeepEqualTo(expected);
      assertThat(cache.stats().transfers().recomputedTokens()).isEqualTo(STORED);
      assertThat(cache.stats().transfers().fetchedTokens()).isZero();
      try (KvSession next = cache.openSession()) {
        assertThat(next.reuse(TEXT)).as("hot by now").isEqualTo(STORED);
        assertThat(next.decision().orElseThrow().outcome()).isEqualTo(Outcome.ALL_HOT);
      }
    }
  }

  @Test
  void fetchesWhatIsCheaperToFetchAndMeasuresIt() {
    try (KvCache cache = open(config().prefillCost(DEAR));
        KvSession session = cache.openSession()) {
      assertThat(session.reuse(TEXT)).isEqualTo(STORED);
      assertThat(session.decision().orElseThrow().outcome()).isEqualTo(Outcome.FETCH);
      assertThat(engine.run(session, Arrays.copyOfRange(TEXT, STORED, 300), 12))
          .isDeepEqualTo(expected);
      TransferStats.Accuracy accuracy = cache.stats().transfers().accuracy();
      assertThat(accuracy.fetches()).isEqualTo(1);
      // Every look at the clock is one tick later: a block was measured to take one tick, and the
      // three layers of a chunk, read at once, take three as the fetcher looks twice meanwhile.
      assertThat(accuracy.predictedSeconds()).isCloseTo(27 * TICK / 1e9, within(1e-12));
      assertThat(accuracy.measuredSeconds()).isCloseTo(9 * 3 * TICK / 1e9, within(1e-12));
      assertThat(accuracy.errorSeconds()).isCloseTo(0, within(1e-12));
    }
  }

  @Test
  void takesTheFrontOnlyWhereLateTokensAreCheapToCompute() {
    try (KvCache cache = open(config());
        KvSession first = cache.openSession()) {
      assertThat(first.reuse(Arrays.copyOf(TEXT, 4 * SPAN + 1))).isEqualTo(4 * SPAN);
      cache.reportPrefill(1000, 0, 1);
      try (KvSession second = cache.openSession()) {
        assertThat(second.reuse(TEXT)).as("four chunks are hot").isEqualTo(4 * SPAN);
        TransferDecision decision = second.decision().orElseThrow();
        assertThat(decision.outcome()).isEqualTo(Outcome.SPLIT);
        assertThat(decision.chunksMatched()).isEqualTo(9);
        assertThat(engine.run(second, Arrays.copyOfRange(TEXT, 4 * SPAN, 300), 33))
            .isDeepEqualTo(expected);
      }
    }
  }

  @Test
  void decidesForEnginesThatAttendThemselvesToo() {
    try (KvCache cache = open(config().prefillCost(FREE));
        PrefixMatch match = cache.match(TEXT)) {
      assertThat(match.tokens()).isZero();
      assertThat(match.decision().outcome()).isEqualTo(Outcome.RECOMPUTE);
    }
  }

  @Test
  void knowsItsTiersBeforeTheFirstSession() {
    try (KvCache cache = open(config().host(1 << 20))) {
      assertThat(cache.stats().transfers().rates()).containsOnlyKeys(Tier.HOST, Tier.SSD);
      assertThat(cache.stats().tier(Tier.HOST).usedBytes()).as("left by the probe").isZero();
      assertThatThrownBy(() -> cache.reportPrefill(0, 0, 1)).hasMessageContaining("tokens");
    }
  }

  private static final long TICK = 1000;

  private KvCache open(CacheConfig.Builder builder) {
    return KvCache.open(builder.build(), () -> clock.addAndGet(TICK));
  }

  private CacheConfig.Builder config() {
    return CacheConfig.of(Shapes.PLAIN, "model")
        .blockTokens(SPAN)
        .hot(40 * 8192)
        .ssd(folder, 64 << 20);
  }
}
