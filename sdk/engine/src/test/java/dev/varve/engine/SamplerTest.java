package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {

  private static final float[] LOGITS = {0f, (float) Math.log(2), (float) Math.log(5), 0f};

  @Test
  void greedyTakesTheLowestOfTheLargest() {
    assertThat(Sampler.greedy().next(new float[] {1, 3, -2, 3})).isEqualTo(1);
    assertThat(Sampler.seeded(0, 1, 5).next(new float[] {3, 3})).isZero();
    assertThat(Sampler.greedy().next(new float[] {-5})).isZero();
  }

  @Test
  void equalSeedsDrawEqually() {
    assertThat(draws(Sampler.seeded(1, 0.9f, 7))).isEqualTo(draws(Sampler.seeded(1, 0.9f, 7)));
    assertThat(draws(Sampler.seeded(1, 1, 7))).isNotEqualTo(draws(Sampler.seeded(1, 1, 8)));
  }

  @Test
  void drawsFollowTheSoftmax() {
    double[] shares = shares(Sampler.seeded(1, 1, 1));
    assertThat(shares[0]).isCloseTo(1 / 9.0, within(0.02));
    assertThat(shares[1]).isCloseTo(2 / 9.0, within(0.02));
    assertThat(shares[2]).isCloseTo(5 / 9.0, within(0.02));
    assertThat(shares[3]).isCloseTo(1 / 9.0, within(0.02));
  }

  @Test
  void temperatureSharpensTheDraws() {
    double[] shares = shares(Sampler.seeded(0.5f, 1, 1));
    assertThat(shares[2]).isCloseTo(25 / 31.0, within(0.02));
  }

  @Test
  void topPKeepsTheLikeliestThatReachIt() {
    assertThat(draws(Sampler.seeded(1, 0.5f, 1))).containsOnly(2);
    double[] two = shares(Sampler.seeded(1, 0.7f, 1));
    assertThat(two[1]).isCloseTo(2 / 7.0, within(0.02));
    assertThat(two[2]).isCloseTo(5 / 7.0, within(0.02));
    double[] three = shares(Sampler.seeded(1, 0.8f, 1));
    assertThat(three[0]).isCloseTo(1 / 8.0, within(0.02));
    assertThat(three[3]).isZero();
  }

  @Test
  void leavesTheLogitsAsTheyAre() {
    float[] logits = LOGITS.clone();
    assertThat(Sampler.seeded(0.7f, 0.9f, 3).next(logits)).isBetween(0, 3);
    assertThat(logits).isEqualTo(LOGITS);
  }

  @Test
  void refusesWhatIsNoProbability() {
    assertThatThrownBy(() -> Sampler.seeded(-1, 1, 0)).hasMessageContaining("-1.0, 1.0");
    assertThatThrownBy(() -> Sampler.seeded(1, 0, 0)).hasMessageContaining("1.0, 0.0");
    assertThatThrownBy(() -> Sampler.seeded(1, 1.5f, 0)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> Sampler.seeded(Float.NaN, 1, 0)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> Sampler.greedy().next(new float[] {0, Float.NaN}))
        .hasMessageContaining("logit of token 1");
  }

  private static int[] draws(Sampler sampler) {
    return IntStream.range(0, 40).map(i -> sampler.next(LOGITS)).toArray();
  }

  private static double[] shares(Sampler sampler) {
    int draws = 20_000;
    double[] shares = new double[LOGITS.length];
    for (int i = 0; i < draws; i++) {
      shares[sampler.next(LOGITS)] += 1.0 / draws;
    }
    return shares;
  }
}
