package dev.varve.offload.replacement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ReuseEstimatesTest {

  @Test
  void binsCoverEveryAgeWithoutGaps() {
    int begin = 0;
    for (int bin = 0; bin < AgeBins.BINS; bin++) {
      assertThat(AgeBins.bin(begin)).isEqualTo(bin);
      begin += AgeBins.width(bin);
      assertThat(AgeBins.bin(begin - 1)).isEqualTo(bin);
    }
    assertThat(AgeBins.bin(Integer.MAX_VALUE)).isEqualTo(AgeBins.BINS - 1);
    assertThat(AgeBins.bin(-5)).isZero();
  }

  @Test
  void valuesAClassThatComesBackSoonAboveOneThatDoesNot() {
    ReuseEstimates estimates = new ReuseEstimates();
    for (int i = 0; i < 5000; i++) {
      estimates.hit(0, 40);
      estimates.lost(1, 500);
    }
    estimates.startFit();
    estimates.fit();

    assertThat(estimates.worth(0, 0)).isGreaterThan(10 * estimates.worth(1, 0));
  }

  @Test
  void valuesAChunkMoreAsItsUsualReturnDrawsNear() {
    ReuseEstimates estimates = new ReuseEstimates();
    for (int i = 0; i < 5000; i++) {
      estimates.hit(3, 100);
    }
    estimates.startFit();
    estimates.fit();

    assertThat(estimates.worth(3, 90)).isGreaterThan(estimates.worth(3, 10));
    assertThat(estimates.worth(3, 1000)).isLessThan(estimates.worth(3, 10));
  }

  @Test
  void countsTouchesThatStillWaitAsNotReturned() {
    ReuseEstimates estimates = new ReuseEstimates();
    for (int i = 0; i < 5000; i++) {
      estimates.hit(0, 40);
    }
    estimates.startFit();
    estimates.waits(0, 1000, 45_000);
    estimates.fit();

    ReuseEstimates sure = new ReuseEstimates();
    for (int i = 0; i < 5000; i++) {
      sure.hit(0, 40);
    }
    sure.startFit();
    sure.fit();
    assertThat(estimates.worth(0, 0) / sure.worth(0, 0)).isCloseTo(0.1, within(0.05));
  }

  @Test
  void lendsAThinClassTheShapeOfAll() {
    ReuseEstimates estimates = new ReuseEstimates();
    for (int i = 0; i < 5000; i++) {
      estimates.hit(0, 400);
      estimates.lost(8, 2000);
    }
    for (int i = 0; i < 100; i++) {
      estimates.hit(16, 100);
    }
    estimates.startFit();
    estimates.fit();

    assertThat(estimates.worth(16, 350)).isGreaterThan(estimates.worth(8, 350));
    assertThat(estimates.worth(16, 350)).isGreaterThan(estimates.worth(16, 600));
  }

  @Test
  void lendsALateBinTheHitsOfTheBinBesideItButAYoungOneNone() {
    assertThat(comingBackAt(1500).worth(3, 1600)).isPositive();
    assertThat(comingBackAt(1500).worth(3, 1800)).isZero();
    assertThat(comingBackAt(40).worth(3, 50)).isZero();
  }

  /** Half of the touches of class 3 are followed by a hit at this age, the others by none. */
  private static ReuseEstimates comingBackAt(int age) {
    ReuseEstimates estimates = new ReuseEstimates();
    for (int i = 0; i < 5000; i++) {
      estimates.hit(3, age);
      estimates.lost(3, 3000);
    }
    estimates.startFit();
    estimates.fit();
    return estimates;
  }

  @Test
  void remembersNoMoreGhostsThanItsBound() {
    ReuseEstimates estimates = new ReuseEstimates();
    Ghosts ghosts = new Ghosts(estimates);
    ChunkSlots slots = new ChunkSlots();
    for (int chunk = 0; chunk < Ghosts.MOST + 10; chunk++) {
      int slot = slots.add(chunk, ReplacementPolicy.NONE);
      slots.touch(slot, chunk, 1, 0);
      ghosts.add(slots, slot, chunk);
      slots.remove(slot);
    }

    assertThat(ghosts.used()).isEqualTo(Ghosts.MOST);
    assertThat(ghosts.find(9)).isNegative();
    assertThat(ghosts.find(10)).isNotNegative();
    assertThat(slots.used()).isEqualTo(1);
  }
}
