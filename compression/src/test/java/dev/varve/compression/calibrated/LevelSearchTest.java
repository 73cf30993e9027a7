package dev.varve.compression.calibrated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.rotation.LloydMax;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LevelSearchTest {
  private static final float SPREAD = 6;

  private final long seed = System.nanoTime();

  /** On normal numbers the levels are Lloyd's and Max's. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void findsTheBestLevelsOfNormalNumbers(int bits) {
    LevelSearch search = new LevelSearch();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 400_000; i++) {
      search.add((float) random.nextGaussian() / SPREAD, 1);
    }
    float[] levels = search.levels(bits);
    LloydMax best = new LloydMax(bits);
    for (int i = 0; i < levels.length; i++) {
      assertThat(levels[i] * SPREAD)
          .as("seed %d level %d", seed, i)
          .isCloseTo(best.level(i), within(0.12f));
    }
  }

  @Test
  void goesWhereTheWeightIs() {
    LevelSearch search = new LevelSearch();
    for (int i = 0; i < 1000; i++) {
      search.add(-1 + i / 500f, 1);
      search.add(0.9f, 100);
    }
    float[] levels = search.levels(2);
    float nearest = 2;
    for (float level : levels) {
      nearest = Math.min(nearest, Math.abs(level - 0.9f));
    }
    assertThat(nearest).isLessThan(0.02f);
    assertThat(new Levels(levels, "test").widest()).isLessThan(1);
  }

  @Test
  void spreadsLevelsEvenlyOverNothing() {
    assertThat(new LevelSearch().levels(2)).containsExactly(-0.75f, -0.25f, 0.25f, 0.75f);
  }
}
