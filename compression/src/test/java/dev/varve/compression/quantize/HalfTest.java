package dev.varve.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HalfTest {
  @Test
  void keepsEveryFiniteHalfAndStepsToItsNeighbourBesideIt() {
    for (int bits = 0; bits < 0x7c00; bits++) {
      float half = Float.float16ToFloat((short) bits);
      float above = Float.float16ToFloat((short) (bits + 1));
      assertThat(Half.up(half)).isEqualTo(half);
      assertThat(Half.down(half)).isEqualTo(half);
      assertThat(Half.down(-half)).isEqualTo(-half);
      if (bits > 0) {
        assertThat(Half.up(Math.nextUp(half))).isEqualTo(above);
        assertThat(Half.down(Math.nextUp(-half))).isEqualTo(-half);
        assertThat(Half.down(Math.nextDown(-half))).isEqualTo(-above);
        assertThat(Half.up(Math.nextDown(-half))).isEqualTo(-half);
      }
    }
  }

  @Test
  void roundsEveryNumberOutwards() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 1_000_000; i++) {
      double value = Float.intBitsToFloat(random.nextInt());
      if (Double.isFinite(value)) {
        assertThat((double) Half.up(value)).as("seed %d", seed).isGreaterThanOrEqualTo(value);
        assertThat((double) Half.down(value)).as("seed %d", seed).isLessThanOrEqualTo(value);
      }
    }
  }

  @Test
  void leavesTheRangeTowardsInfinity() {
    assertThat(Half.up(65504.01)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Half.up(-1e30)).isEqualTo(-65504f);
    assertThat(Half.down(1e30)).isEqualTo(65504f);
    assertThat(Half.down(-65505)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Half.up(1e-40)).isEqualTo(0x1p-24f);
    assertThat(Half.down(-1e-300)).isEqualTo(-0x1p-24f);
  }
}
