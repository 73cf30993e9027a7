package dev.varve.eviction.score;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoolingTest {
  private static final float[] SPIKE = {0, 0, 6, 0, 3};

  @Test
  void takesTheLargestOfTheKernel() {
    assertThat(Pooling.MAX.smooth(SPIKE, 5, 3)).containsExactly(0, 6, 6, 6, 3);
  }

  @Test
  void countsThePaddingInTheAverage() {
    assertThat(Pooling.AVG.smooth(SPIKE, 5, 3)).containsExactly(0, 2, 2, 3, 1);
  }

  @Test
  void leavesScoresAloneWithAKernelOfOne() {
    assertThat(Pooling.AVG.smooth(SPIKE, 4, 1)).containsExactly(0, 0, 6, 0);
  }

  @Test
  void toleratesAKernelWiderThanTheScores() {
    assertThat(Pooling.MAX.smooth(new float[] {-3, -2}, 2, 9)).containsExactly(-2, -2);
  }
}
