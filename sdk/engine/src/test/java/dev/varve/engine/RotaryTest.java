package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.RopeSpec;
import dev.varve.store.RopeSpec.Pairing;
import dev.varve.store.RopeSpec.Scaling;
import dev.varve.store.RopeSpec.Stored;
import org.junit.jupiter.api.Test;

class RotaryTest {

  @Test
  void halvesPairAcrossTheHead() {
    float[] x = {1, 1, 0, 0};
    turn(RopeSpec.of(4, 10000, Pairing.HALVES), 3, x);
    assertThat(x)
        .containsExactly(new float[] {cos(3), cos(0.03), sin(3), sin(0.03)}, within(1e-6f));
  }

  @Test
  void interleavedPairsNeighbours() {
    float[] x = {1, 0, 1, 0};
    turn(RopeSpec.of(4, 10000, Pairing.INTERLEAVED), 3, x);
    assertThat(x)
        .containsExactly(new float[] {cos(3), sin(3), cos(0.03), sin(0.03)}, within(1e-6f));
  }

  @Test
  void partialRotationLeavesTheRest() {
    float[] x = {1, 0, 7, 8};
    turn(RopeSpec.of(2, 10000, Pairing.HALVES), 5, x);
    assertThat(x).containsExactly(new float[] {cos(5), sin(5), 7, 8}, within(1e-6f));
  }

  @Test
  void everyTokenAndHeadHasItsPosition() {
    Rotary rotary = new Rotary(RopeSpec.of(2, 10000, Pairing.HALVES));
    float[] x = {1, 0, 2, 0, 1, 0, 2, 0};
    rotary.prepare(7, 2);
    rotary.turn(x, 2, 2, 2);
    assertThat(x)
        .containsExactly(
            new float[] {
              cos(7), sin(7), 2 * cos(7), 2 * sin(7), cos(8), sin(8), 2 * cos(8), 2 * sin(8)
            },
            within(1e-6f));
  }

  @Test
  void linearScalingStretchesEveryFrequency() {
    float[] x = {1, 1, 0, 0};
    turn(scaled(4, new Scaling.Linear(4)), 8, x);
    assertThat(x)
        .containsExactly(new float[] {cos(2), cos(0.02), sin(2), sin(0.02)}, within(1e-6f));
  }

  /** Wavelengths of 6.28, 62.8 and 628 in a context of 100 turned 1 to 4 times. */
  @Test
  void llama3ScalingKeepsShortWavesAndStretchesLongOnes() {
    float[] x = {1, 1, 1, 0, 0, 0};
    RopeSpec spec =
        new RopeSpec(6, 1000, Pairing.HALVES, Stored.POST_ROPE, new Scaling.Llama3(8, 1, 4, 100));
    turn(spec, 10, x);
    double smooth = (100 / (2 * Math.PI / 0.1) - 1) / (4 - 1);
    double middle = (1 - smooth) * 0.1 / 8 + smooth * 0.1;
    double[] angles = {10 * 1.0, 10 * middle, 10 * 0.01 / 8};
    for (int i = 0; i < 3; i++) {
      assertThat(x[i]).isCloseTo(cos(angles[i]), within(1e-6f));
      assertThat(x[3 + i]).isCloseTo(sin(angles[i]), within(1e-6f));
    }
  }

  private static RopeSpec scaled(int dims, Scaling scaling) {
    return new RopeSpec(dims, 10000, Pairing.HALVES, Stored.POST_ROPE, scaling);
  }

  private static void turn(RopeSpec spec, int position, float[] head) {
    Rotary rotary = new Rotary(spec);
    rotary.prepare(position, 1);
    rotary.turn(head, 1, 1, head.length);
  }

  private static float cos(double angle) {
    return (float) Math.cos(angle);
  }

  private static float sin(double angle) {
    return (float) Math.sin(angle);
  }
}
