package dev.varve.offload.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TierSpeedTest {

  private static final double LATENCY = 80e-6;
  private static final double PER_BYTE = 1 / 2e9;

  private final TierSpeed speed = new TierSpeed();

  @Test
  void knowsNothingBeforeTheFirstRead() {
    assertThat(speed.rate()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void findsLatencyAndBandwidthFromReadsOfManySizes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      long bytes = random.nextLong(1 << 12, 1 << 20);
      speed.read(bytes, nanos(bytes, 1 + 0.05 * random.nextGaussian()));
    }
    TierRate rate = speed.rate().orElseThrow();
    assertThat(rate.latencySeconds())
        .as("latency, seed %d", seed)
        .isCloseTo(LATENCY, within(0.25 * LATENCY));
    assertThat(rate.bytesPerSecond()).as("bandwidth, seed %d", seed).isBetween(1.7e9, 2.4e9);
  }

  @Test
  void predictsTheOnlySizeItEverSaw() {
    for (int i = 0; i < 20; i++) {
      speed.read(1 << 19, nanos(1 << 19, 1));
    }
    assertThat(predicted(1 << 19)).isCloseTo(nanos(1 << 19, 1) / 1e9, within(1e-9));
    assertThat(speed.rate().orElseThrow().latencySeconds()).isLessThan(1e-9);
  }

  @Test
  void onePauseMovesThePredictionByAnEighthAtMost() {
    for (int i = 0; i < 50; i++) {
      speed.read(1 << 19, nanos(1 << 19, 1));
    }
    double before = predicted(1 << 19);
    speed.read(1 << 19, nanos(1 << 19, 10_000));
    assertThat(predicted(1 << 19)).isBetween(before, before * 1.13);
  }

  @Test
  void followsALastingChange() {
    for (int i = 0; i < 50; i++) {
      speed.read(1 << 19, nanos(1 << 19, 1));
    }
    for (int i = 0; i < 100; i++) {
      speed.read(1 << 19, nanos(1 << 19, 20));
    }
    double slow = nanos(1 << 19, 20) / 1e9;
    assertThat(predicted(1 << 19)).isCloseTo(slow, within(0.05 * slow));
    for (int i = 0; i < 200; i++) {
      speed.read(1 << 19, nanos(1 << 19, 1));
    }
    double fast = nanos(1 << 19, 1) / 1e9;
    assertThat(predicted(1 << 19)).isCloseTo(fast, within(0.05 * fast));
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void neverPredictsLessThanNothing(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 500; i++) {
      speed.read(random.nextLong(1, 1 << 20), random.nextLong(0, 1 << 24));
      TierRate rate = speed.rate().orElseThrow();
      assertThat(rate.latencySeconds()).as("seed %d", seed).isNotNegative().isFinite();
      assertThat(rate.secondsPerByte()).as("seed %d", seed).isNotNegative().isFinite();
    }
  }

  @Test
  void refusesReadsOfNothing() {
    assertThatThrownBy(() -> speed.read(0, 5)).hasMessageContaining("bytes must be at least 1: 0");
    assertThatThrownBy(() -> new TierRate(Double.NaN, 1)).hasMessageContaining("latencySeconds");
    assertThatThrownBy(() -> new TierRate(1, -1)).hasMessageContaining("secondsPerByte");
  }

  private double predicted(long bytes) {
    return speed.rate().orElseThrow().seconds(1, bytes);
  }

  private static long nanos(long bytes, double factor) {
    return Math.round((LATENCY + bytes * PER_BYTE) * factor * 1e9);
  }
}
