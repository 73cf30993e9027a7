package dev.varve.eviction.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.varve.eviction.Layers;
import dev.varve.eviction.score.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AllocatorsTest {

  @Test
  void givesLargestRemaindersTheRestAndTiesToTheLowerIndex() {
    assertThat(Apportionment.split(new double[] {1, 1, 1}, 10, 9)).containsExactly(4, 3, 3);
    assertThat(Apportionment.split(new double[] {5, 3, 2}, 7, 9)).containsExactly(4, 2, 1);
    assertThat(Apportionment.split(new double[] {9, 1, 0}, 10, 6)).containsExactly(6, 4, 0);
    assertThat(Apportionment.split(new double[] {0, 0}, 3, 2)).containsExactly(2, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Apportionment.split(new double[] {1, 1}, 5, 2))
        .withMessage("2 parts of at most 2 cannot add up to 5");
  }

  @Test
  void splitsExactlyWhateverTheShares() {
    SplittableRandom random = new SplittableRandom(Layers.seed("splitsExactly"));
    for (int round = 0; round < 500; round++) {
      double[] shares = new double[random.nextInt(1, 40)];
      for (int i = 0; i < shares.length; i++) {
        shares[i] = random.nextInt(4) == 0 ? 0 : Math.exp(random.nextDouble(-8, 8));
      }
      int most = random.nextInt(1, 500);
      long total = random.nextLong((long) most * shares.length + 1);
      int[] parts = Apportionment.split(shares, total, most);
      assertThat(Arrays.stream(parts).asLongStream().sum()).isEqualTo(total);
      assertThat(Arrays.stream(parts).min().orElseThrow()).isNotNegative();
      assertThat(Arrays.stream(parts).max().orElseThrow()).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void pyramidFallsInEvenStepsWithTheSameTotal() {
    long[] totals = new PyramidLayers(20).allocate(demand(5, 2, 1000, 100));
    assertThat(totals).containsExactly(390, 296, 200, 104, 10);
    assertThat(new PyramidLayers(20).allocate(demand(5, 1, 150, 100)))
        .containsExactly(100, 100, 100, 100, 100);
    assertThat(new PyramidLayers(20).allocate(demand(3, 1, 180, 90))).containsExactly(176, 90, 4);
    List<Scores> scores = demand(3, 1, 190, 90).scores();
    assertThat(new PyramidLayers(20).allocate(new Demand(scores, 0, 175, 90, 15, 0)))
        .containsExactly(175, 90, 5);
  }

  @Test
  void pyramidMeetsItsTotalForTheShapesOfTheReference() {
    for (int layers : new int[] {32, 64, 128}) {
      for (int tokens = 1024; tokens <= 8192; tokens += 1024) {
        for (double ratio : new double[] {0.1, 0.25, 0.5, 0.75}) {
          Demand demand = demand(layers, 8, tokens - 64, (int) (tokens * ratio) - 64);
          assertThat(Arrays.stream(new PyramidLayers(20).allocate(demand)).sum())
              .isEqualTo(demand.total());
        }
      }
    }
  }

  @Test
  void prefixGivesSpreadOutLayersMore() {
    float[] level = {1, 1, 1, 1};
    float[] sharp = {0, 9, 0, 1};
    Demand demand = demand(List.of(Scores.of(level), Scores.of(sharp)), 2);
    // Levels before each token: 0, 1/4, 1/2, 3/4 and 0, 0.9, 1, 1.
    assertThat(new PrefixLayers().allocate(demand)).containsExactly(3, 1);
    assertThat(new PrefixLayers().allocate(demand(List.of(Scores.of(level), Scores.of(level)), 3)))
        .containsExactly(3, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new PrefixLayers().allocate(demand(List.of(Scores.of(new float[] {-1, 2})), 1)))
        .withMessageEndingWith("not -1.0");
  }

  @Test
  void globalCountsTheBestOfAllLayersAndHeads() {
    Demand demand =
        demand(
            List.of(
                Scores.of(new float[] {9, 8, 7, 1}, new float[] {0, 0, 0, 0}),
                Scores.of(new float[] {6, 1, 1, 1}, new float[] {5, 5, 1, 0})),
            1);
    assertThat(new GlobalLayers().allocate(demand)).containsExactly(3, 1);
    LayeredAllocator both = new LayeredAllocator(new GlobalLayers(), new AdaptiveHeads(0));
    assertThat(both.allocate(demand)).isDeepEqualTo(new int[][] {{3, 0}, {1, 0}});
  }

  @Test
  void adaptiveHeadsGuaranteeAFloor() {
    Demand demand =
        demand(List.of(Scores.of(new float[] {9, 8, 7, 6}, new float[] {1, 1, 1, 1})), 2);
    assertThat(new AdaptiveHeads(0).allocate(demand, 0, 4)).containsExactly(4, 0);
    assertThat(new AdaptiveHeads(0.5).allocate(demand, 0, 4)).containsExactly(3, 1);
    assertThat(new AdaptiveHeads(1).allocate(demand, 0, 4)).containsExactly(2, 2);
  }

  @Test
  void adaptiveHeadsTreatEqualHeadsAlike() {
    float[] scores = {3, 1, 2, 5, 4, 1};
    Demand demand = demand(List.of(Scores.of(scores, scores, scores)), 3);
    assertThat(new AdaptiveHeads(0.2).allocate(demand, 0, 9)).containsExactly(3, 3, 3);
  }

  @Test
  void massTakesTheFewestTokensThatHoldTheShare() {
    assertThat(mass(0.5, 0, 0, 1, 0)).isEqualTo(1);
    assertThat(mass(1, 0, 0, 1, 0)).isEqualTo(4);
    assertThat(mass(0.75, 1, 1, 1, 1)).isEqualTo(3);
    assertThat(mass(0.76, 1, 1, 1, 1)).isEqualTo(4);
    assertThat(mass(0.9, 6, 1, 2, 1)).isEqualTo(3);
  }

  private static int mass(double share, float... mass) {
    Demand demand = demand(List.of(Scores.of(mass).withMass(mass)), 1);
    return new MassAllocator(share).allocate(demand)[0][0];
  }

  @Test
  void weightsScaleLayers() {
    Demand demand = demand(2, 2, 100, 30);
    assertThat(new WeightedLayers(List.of(2.0, 1.0)).allocate(demand)).containsExactly(80, 40);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WeightedLayers(List.of(1.0)).allocate(demand))
        .withMessage("1 weights for a model of 2 layers: give one for each");
  }

  @Test
  void budgetsRoundDownButNeverToNothing() {
    assertThat(Budget.parse("0.29").of(100)).isEqualTo(29);
    assertThat(Budget.parse("0.001").of(100)).isEqualTo(1);
    assertThat(Budget.parse("7").of(100)).isEqualTo(7);
  }

  private static Demand demand(int layers, int heads, int tokens, int free) {
    List<Scores> scores = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      scores.add(Scores.shared(heads, new float[tokens]));
    }
    return demand(scores, free);
  }

  private static Demand demand(List<Scores> scores, int free) {
    return new Demand(scores, 0, scores.getFirst().tokens(), free, 0, 0);
  }
}
