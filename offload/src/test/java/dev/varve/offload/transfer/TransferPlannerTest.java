package dev.varve.offload.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.offload.transfer.TransferDecision.Outcome;
import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransferPlannerTest {

  private static final int SPAN = Chains.SPAN;
  private static final Map<Tier, TierRate> RATES =
      Map.of(Tier.HOST, new TierRate(1e-6, 1e-10), Tier.SSD, new TierRate(1e-4, 1e-9));
  private static final PrefillCost FREE = PrefillCost.perToken(0);
  private static final PrefillCost PRICELESS = PrefillCost.perToken(Double.POSITIVE_INFINITY);

  static long[] seeds() {
    return new SplittableRandom(77).longs(40).toArray();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void freeComputeFetchesNothingAndPricelessComputeTakesAll(long seed) {
    FetchTable table = Chains.random(seed);
    TransferDecision free = decide(table, RATES, FREE);
    assertThat(free.fetches()).as("seed %d: %s", seed, free.explain()).isEmpty();
    TransferDecision dear = decide(table, RATES, PRICELESS);
    assertThat(dear.chunksTaken()).as("seed %d", seed).isEqualTo(table.chunks());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void takesNoLessWhenComputingCostsMore(long seed) {
    FetchTable table = Chains.random(seed);
    int before = 0;
    for (double cost = 1e-9; cost < 1; cost *= 1.5) {
      int taken = decide(table, RATES, new PrefillCost(cost, cost / 100)).chunksTaken();
      assertThat(taken).as("seed %d, cost %g", seed, cost).isGreaterThanOrEqualTo(before);
      before = taken;
    }
    assertThat(before).as("seed %d", seed).isEqualTo(table.chunks());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void noOtherUsablePrefixIsPredictedToBeCheaper(long seed) {
    FetchTable table = Chains.random(seed);
    PrefillCost cost = new PrefillCost(new SplittableRandom(seed).nextDouble(1e-4), 1e-8);
    TransferDecision decision = decide(table, RATES, cost);
    assertThat(decision.chunksTaken()).isBetween(0, table.chunks());
    assertThat(table.usable(decision.chunksTaken())).as("seed %d", seed).isTrue();
    double chosen = total(table, decision.chunksTaken(), cost);
    for (int n = 0; n <= table.chunks(); n++) {
      if (table.usable(n)) {
        assertThat(chosen)
            .as("seed %d: %d against %d chunks", seed, decision.chunksTaken(), n)
            .isLessThanOrEqualTo(total(table, n, cost));
      }
    }
  }

  @Test
  void splitsWhereFetchingStopsToBeCheaper() {
    // Early tokens cost less than their fetch from SSD, but two in HOST pay for one far chunk.
    FetchTable table =
        FetchTable.of(
            List.of(
                Chains.chunk(0, Tier.HOST),
                Chains.chunk(1, Tier.HOST),
                Chains.chunk(2, Tier.SSD),
                Chains.chunk(3, Tier.SSD)),
            Chains.PLAIN);
    TransferDecision decision = decide(table, RATES, PrefillCost.perToken(1e-6));
    assertThat(decision.outcome()).isEqualTo(Outcome.SPLIT);
    assertThat(decision.chunksTaken()).isEqualTo(2);
    assertThat(decision.fetch(Tier.HOST).blocks()).isEqualTo(2L * Chains.LAYERS);
    assertThat(decision.fetch(Tier.SSD).blocks()).isZero();
    assertThat(decision.taken().computeSeconds()).isCloseTo(64e-6, within(1e-12));
    assertThat(decision.left().computeSeconds()).isCloseTo(64e-6, within(1e-12));
    assertThat(decision.left().fetchSeconds()).isGreaterThan(64e-6);
    assertThat(decision.explain())
        .contains("fetch 2 of 4 matched chunks (128 tokens)", "HOST 6 blocks", "compute 64 tokens");
  }

  @Test
  void aDearFrontIsFetchedForTheSakeOfWhatIsBehindIt() {
    FetchTable table =
        FetchTable.of(
            List.of(
                Chains.chunk(0, Tier.SSD),
                Chains.chunk(1, Tier.HOT),
                Chains.chunk(2, Tier.HOT),
                Chains.chunk(3, Tier.HOT)),
            Chains.PLAIN);
    double front = table.fetches(1, RATES).getFirst().seconds();
    PrefillCost half = PrefillCost.perToken(front / SPAN / 2);
    assertThat(decide(table, RATES, half).outcome()).isEqualTo(Outcome.FETCH);
    PrefillCost fifth = PrefillCost.perToken(front / SPAN / 5);
    assertThat(decide(table, RATES, fifth).outcome()).isEqualTo(Outcome.RECOMPUTE);
  }

  @Test
  void takesAllWhileSomethingIsUnknown() {
    FetchTable table =
        FetchTable.of(List.of(Chains.chunk(0, Tier.HOT), Chains.chunk(1, Tier.SSD)), Chains.PLAIN);
    TransferDecision costless = new TransferPlanner(RATES, Optional.empty()).decide(table, SPAN);
    assertThat(costless.outcome()).isEqualTo(Outcome.COST_UNKNOWN);
    assertThat(costless.chunksTaken()).isEqualTo(2);
    assertThat(costless.explain()).contains("prefill cost is unknown", "SSD 3 blocks");
    TransferDecision speedless = decide(table, Map.of(), FREE);
    assertThat(speedless.outcome()).isEqualTo(Outcome.SPEED_UNKNOWN);
    assertThat(speedless.chunksTaken()).isEqualTo(2);
  }

  @Test
  void hotChunksAndEmptyMatchesNeedNoPrediction() {
    FetchTable hot = FetchTable.of(List.of(Chains.chunk(0, Tier.HOT)), Chains.PLAIN);
    assertThat(decide(hot, Map.of(), FREE).outcome()).isEqualTo(Outcome.ALL_HOT);
    assertThat(decide(hot, Map.of(), FREE).chunksTaken()).isEqualTo(1);
    TransferDecision none = decide(FetchTable.of(List.of(), Chains.PLAIN), RATES, FREE);
    assertThat(none.outcome()).isEqualTo(Outcome.NO_MATCH);
    assertThat(none.explain()).contains("nothing is stored");
  }

  @Test
  void countsOnlyWhatAWindowStillReads() {
    List<Chunk> chain =
        List.of(Chains.chunk(0, Tier.SSD), Chains.chunk(1, Tier.SSD), Chains.chunk(2, Tier.SSD));
    FetchTable table = FetchTable.of(chain, Chains.WINDOWED);
    // One layer sees all, one the last 40 tokens: two blocks of it.
    assertThat(table.fetches(3, RATES).getFirst().blocks()).isEqualTo(3 + 2);
    assertThat(table.fetches(1, RATES).getFirst().blocks()).isEqualTo(2);
    chain.getFirst().drop(1, Tier.SSD);
    FetchTable gap = FetchTable.of(chain, Chains.WINDOWED);
    assertThat(gap.usable(3)).isTrue();
    assertThat(gap.usable(2)).as("needs the dropped block of the windowed layer").isFalse();
    assertThat(gap.usable(1)).isFalse();
    assertThat(gap.usable(0)).isTrue();
  }

  private static TransferDecision decide(
      FetchTable table, Map<Tier, TierRate> rates, PrefillCost cost) {
    return new TransferPlanner(rates, Optional.of(cost)).decide(table, SPAN);
  }

  private static double total(FetchTable table, int n, PrefillCost cost) {
    return table.fetches(n, RATES).stream().mapToDouble(TierFetch::seconds).sum()
        + cost.seconds((long) n * SPAN, (long) table.chunks() * SPAN);
  }
}
