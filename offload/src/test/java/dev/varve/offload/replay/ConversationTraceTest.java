package dev.varve.offload.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.offload.replacement.PolicyKind;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Known answers on a published trace, and what our policy must reach on it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConversationTraceTest {

  private static final int[] CAPACITIES = {1000, 3000, 6000, 10_000, 30_000};
  private static final double[] BEST_KNOWN = {.0592, .1062, .1615, .2251, .3291};
  private static final double[] BELADY = {.1907, .2945, .3551, .3664, .3664};

  private Trace trace;
  private Replay replay;
  private final Map<ReplayRow, Score> scores = new HashMap<>();

  @BeforeAll
  void readTrace() throws IOException {
    String name = "conversation_trace.jsonl.gz";
    try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(name), name);
        InputStream unpacked = new GZIPInputStream(in)) {
      trace = TraceReader.read(unpacked, name);
    }
    replay = new Replay(trace);
  }

  @Test
  void countsTheTraceAsPublished() {
    assertThat(trace.requests()).hasSize(12_031);
    assertThat(trace.references()).isEqualTo(288_500);
    assertThat(trace.distinct()).isEqualTo(182_790);
  }

  @ParameterizedTest
  @CsvSource({
    "1000, .0445, .0481, .0556, .1907",
    "3000, .0650, .0747, .0875, .2945",
    "6000, .1386, .0978, .1534, .3551",
    "10000, .2112, .1318, .1955, .3664",
    "30000, .3257, .2759, .3061, .3664"
  })
  void givesTheKnownAnswers(int capacity, double lru, double lfu, double s3Fifo, double belady) {
    assertThat(rounded(score(PolicyKind.LRU, capacity))).isEqualTo(lru);
    assertThat(rounded(score(PolicyKind.LFU, capacity))).isEqualTo(lfu);
    assertThat(rounded(score(PolicyKind.S3_FIFO, capacity))).isEqualTo(s3Fifo);
    assertThat(rounded(replay.belady(capacity))).isEqualTo(belady);
  }

  @Test
  void boundsEveryCacheByTheInfiniteOne() {
    Score infinite = replay.infinite();

    assertThat(rounded(infinite)).isEqualTo(.3664);
    assertThat(infinite.prefixHits()).isEqualTo(infinite.hits());
    assertThat(infinite.tokensSaved()).isGreaterThan(512 * 100_000L);
  }

  @Test
  void servesMoreThanTheBestKnownPolicyAtEveryCapacity() {
    double closed = 0;
    for (int i = 0; i < CAPACITIES.length; i++) {
      Score ours = score(PolicyKind.VARVE, CAPACITIES[i]);
      assertThat(ours.hitRatio()).as("at %d", CAPACITIES[i]).isGreaterThan(BEST_KNOWN[i]);
      assertThat(ours.prefixHits()).as("at %d", CAPACITIES[i]).isEqualTo(ours.hits());
      closed += (ours.hitRatio() - BEST_KNOWN[i]) / (BELADY[i] - BEST_KNOWN[i]);
    }
    assertThat(closed / CAPACITIES.length).isGreaterThan(0.15);
  }

  @Test
  void servesAnEighthMoreThanTheBestKnownPolicyInSmallCaches() {
    assertThat(score(PolicyKind.VARVE, 1000).hitRatio()).isGreaterThan(1.125 * .0592);
    assertThat(score(PolicyKind.VARVE, 3000).hitRatio()).isGreaterThan(1.125 * .1062);
  }

  @Test
  void servesMoreThanEveryPolicyHere() {
    for (int capacity : CAPACITIES) {
      long ours = score(PolicyKind.VARVE, capacity).hits();
      for (PolicyKind kind : PolicyKind.values()) {
        if (kind != PolicyKind.VARVE) {
          assertThat(score(kind, capacity).hits())
              .as("%s at %d", kind.label(), capacity)
              .isLessThan(ours);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1000, 800", "3000, 2400", "6000, 4800", "10000, 8000", "30000, 24000"})
  void reachesLruWithASmallerCache(int capacity, int smaller) {
    assertThat(score(PolicyKind.VARVE, smaller).hits())
        .isGreaterThan(score(PolicyKind.LRU, capacity).hits());
  }

  @Test
  void countsOnlyTheLaterRequestsWhenAsked() {
    int half = trace.requests().size() / 2;
    Score second = new Replay(trace, half).run(PolicyKind.LRU, 3000);
    Trace firstHalf = new Trace(trace.requests().subList(0, half), trace.chunkTokens());
    Score first = new Replay(firstHalf).run(PolicyKind.LRU, 3000);
    Score whole = score(PolicyKind.LRU, 3000);

    assertThat(first.hits() + second.hits()).isEqualTo(whole.hits());
    assertThat(first.references() + second.references()).isEqualTo(whole.references());
    assertThat(second.hitRatio()).isCloseTo(whole.hitRatio(), within(0.05));
  }

  private Score score(PolicyKind kind, int capacity) {
    return scores.computeIfAbsent(
        new ReplayRow(kind.label(), capacity, Score.NONE), row -> replay.run(kind, capacity));
  }

  private static double rounded(Score score) {
    return Math.round(score.hitRatio() * 10_000) / 10_000.0;
  }
}
