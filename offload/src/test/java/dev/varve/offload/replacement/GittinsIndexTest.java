package dev.varve.offload.replacement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GittinsIndexTest {

  private static final int BINS = AgeBins.BINS;

  @Test
  void agreesWithTryingEveryTimeToWait() {
    for (long seed = 1; seed <= 50; seed++) {
      double[] chance = randomChances(new Random(seed));
      double[] index = new double[BINS];

      new GittinsIndex().fit(chance, 0, index);

      for (int bin = 0; bin < BINS; bin++) {
        double best = bestRatio(chance, bin);
        assertThat(index[bin]).as("seed %d, bin %d", seed, bin).isCloseTo(best, within(1e-6));
      }
    }
  }

  @Test
  void isNothingWithoutHits() {
    double[] index = new double[3 * BINS];

    new GittinsIndex().fit(new double[3 * BINS], BINS, index);

    assertThat(index).containsOnly(0);
  }

  @Test
  void countsAChunkBeforeACliffButNotBehindIt() {
    double[] chance = new double[BINS];
    for (int bin = AgeBins.bin(500); bin < AgeBins.bin(1200); bin++) {
      chance[bin] = 0.1;
    }
    double[] index = new double[BINS];

    new GittinsIndex().fit(chance, 0, index);

    assertThat(index[AgeBins.bin(1000)]).isGreaterThan(index[AgeBins.bin(100)]);
    assertThat(index[AgeBins.bin(1300)]).isZero();
  }

  private static double[] randomChances(Random random) {
    double[] chance = new double[BINS];
    for (int bin = 0; bin < BINS; bin++) {
      chance[bin] = random.nextInt(3) == 0 ? 0 : 0.2 * random.nextDouble();
    }
    return chance;
  }

  private static double bestRatio(double[] chance, int from) {
    double best = 0;
    double alive = 1;
    double won = 0;
    double stayed = 0;
    for (int bin = from; bin < BINS; bin++) {
      won += alive * chance[bin];
      stayed += alive * (1 - chance[bin] / 2) * AgeBins.width(bin);
      alive *= 1 - chance[bin];
      best = Math.max(best, won / stayed);
    }
    return best;
  }
}
