package dev.varve.offload.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrefillMeterTest {

  private final PrefillMeter meter = new PrefillMeter(Optional.empty());

  @Test
  void findsACostThatGrowsWithThePosition() {
    PrefillCost truth = new PrefillCost(2e-3, 1e-7);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 200; i++) {
      int from = random.nextInt(100_000);
      int tokens = random.nextInt(1, 4096);
      meter.report(tokens, from, Math.round(truth.seconds(from, from + tokens) * 1e9));
    }
    PrefillCost found = meter.cost().orElseThrow();
    assertThat(found.secondsPerToken()).isCloseTo(2e-3, within(2e-4));
    assertThat(found.secondsPerPosition()).isCloseTo(1e-7, within(1e-8));
  }

  @Test
  void aCostSeenAtOnePlaceOnlyDoesNotGrow() {
    meter.report(1000, 0, 1_000_000_000);
    PrefillCost found = meter.cost().orElseThrow();
    assertThat(found.secondsPerToken()).isCloseTo(1e-3, within(1e-6));
    assertThat(found.secondsPerPosition()).isZero();
  }

  @Test
  void whatIsConfiguredHoldsUntilTheFirstReport() {
    PrefillMeter configured = new PrefillMeter(Optional.of(PrefillCost.perToken(7)));
    assertThat(configured.cost()).contains(PrefillCost.perToken(7));
    configured.report(10, 0, 10_000_000);
    assertThat(configured.cost().orElseThrow().secondsPerToken()).isCloseTo(1e-3, within(1e-9));
    assertThat(meter.cost()).isEmpty();
  }

  @Test
  void sumsTheCostOfASpanExactly() {
    PrefillCost cost = new PrefillCost(3, 2);
    double sum = 0;
    for (int position = 5; position < 50; position++) {
      sum += 3 + 2 * position;
    }
    assertThat(cost.seconds(5, 50)).isEqualTo(sum);
    assertThat(PrefillCost.perToken(Double.POSITIVE_INFINITY).seconds(4, 4)).isZero();
    assertThat(PrefillCost.perToken(Double.POSITIVE_INFINITY).seconds(4, 5)).isInfinite();
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> meter.report(0, 0, 1)).hasMessageContaining("tokens");
    assertThatThrownBy(() -> meter.report(1, -1, 1)).hasMessageContaining("fromPosition");
    assertThatThrownBy(() -> meter.report(1, 0, -1)).hasMessageContaining("nanos");
    assertThatThrownBy(() -> PrefillCost.perToken(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new PrefillCost(0, -2)).hasMessageContaining("-2");
    assertThat(meter.cost()).as("after refusals").isEmpty();
  }
}
