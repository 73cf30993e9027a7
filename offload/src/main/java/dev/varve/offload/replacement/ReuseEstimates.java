package dev.varve.offload.replacement;

import java.util.Arrays;

/**
 * Learns, for each class and age, what one tick of room is worth: the greatest ratio, over all
 * times to wait, of the probability that the chunk is asked for in that time to the ticks it is
 * expected to stay meanwhile. That is Gittins' index of a job that ends at its next hit (Gittins,
 * 1979; for caches compare Beckmann et al., "LHD", NSDI 2018).
 *
 * <p>Hit probabilities are a life table: of the touches that grew as old as a bin, those that were
 * hit in it. Touches that are lost from sight before a hit count half in the bin where that
 * happens. A class with few touches leans on all classes of the same past hits, and these on all
 * classes together.
 */
final class ReuseEstimates {

  private static final int BINS = AgeBins.BINS;
  private static final int ALL = ReuseClass.CLASSES;
  private static final int NO_PRIOR = -1;
  private static final double PRIOR_TOUCHES = 200;
  private static final double KEPT_PER_FIT = 0.99;

  private final double[] hits = new double[ReuseClass.CLASSES * BINS];
  private final double[] ended = new double[ReuseClass.CLASSES * BINS];
  private final double[] waiting = new double[ReuseClass.CLASSES * BINS];
  private final double[] chance = new double[(ALL + 1 + ReuseClass.LEVELS) * BINS];
  private final double[] worth = new double[(ALL + 1 + ReuseClass.LEVELS) * BINS];

  ReuseEstimates() {
    int orphans = ReuseClass.ORPHAN * BINS;
    Arrays.fill(worth, orphans, orphans + BINS, -1);
  }

  /** A touch of this class was followed by a hit at this age. */
  void hit(int reuseClass, int age) {
    int cell = reuseClass * BINS + AgeBins.bin(age);
    hits[cell]++;
    ended[cell]++;
  }

  /** A touch of this class was lost from sight at this age. */
  void lost(int reuseClass, int age) {
    ended[reuseClass * BINS + AgeBins.bin(age)]++;
  }

  /** What keeping a chunk of this class and age is worth, per tick. */
  double worth(int reuseClass, int age) {
    return worth[reuseClass * BINS + AgeBins.bin(age)];
  }

  /** Forgets who waits, before {@link #waits} says it anew and {@link #fit} draws the sum. */
  void startFit() {
    Arrays.fill(waiting, 0);
  }

  /** So many touches of this class have reached this age without a hit. */
  void waits(int reuseClass, int age, double touches) {
    waiting[reuseClass * BINS + AgeBins.bin(age)] += touches;
  }

  /** Computes {@link #worth} from everything seen, and lets the past fade a little. */
  void fit() {
    fitSum(0, 1, ReuseClass.ORPHAN, ALL, NO_PRIOR);
    for (int level = 0; level < ReuseClass.LEVELS; level++) {
      fitSum(level, ReuseClass.LEVELS, ReuseClass.PARTIAL, ALL + 1 + level, ALL);
      fitWorth(ALL + 1 + level);
    }
    for (int c = 0; c < ReuseClass.ORPHAN; c++) {
      int prior = c == ReuseClass.PARTIAL ? ALL : ALL + 1 + c % ReuseClass.LEVELS;
      if (fitSum(c, 1, c + 1, c, prior) > 0 || prior == ALL) {
        fitWorth(c);
      } else {
        System.arraycopy(worth, prior * BINS, worth, c * BINS, BINS);
      }
    }
    for (int i = 0; i < hits.length; i++) {
      hits[i] *= KEPT_PER_FIT;
      ended[i] *= KEPT_PER_FIT;
    }
  }

  /** Chances of hits in the sum of some classes, leaning on those of a wider sum; its touches. */
  private double fitSum(int from, int step, int end, int into, int prior) {
    double atRisk = 0;
    for (int bin = BINS - 1; bin >= 0; bin--) {
      double hit = 0;
      double leaving = 0;
      for (int c = from; c < end; c += step) {
        int cell = c * BINS + bin;
        hit += hits[cell];
        leaving += ended[cell] + waiting[cell];
      }
      double expected = PRIOR_TOUCHES * (prior < 0 ? 0 : chance[prior * BINS + bin]);
      double sure = atRisk + (leaving + hit) / 2;
      chance[into * BINS + bin] = (hit + expected) / (sure + PRIOR_TOUCHES);
      atRisk += leaving;
    }
    return atRisk;
  }

  private void fitWorth(int reuseClass) {
    int from = reuseClass * BINS;
    for (int bin = 0; bin < BINS; bin++) {
      worth[from + bin] = bestRatio(from + bin, from + BINS);
    }
  }

  private double bestRatio(int from, int end) {
    double bestWon = 0;
    double bestStayed = 1;
    double alive = 1;
    double won = 0;
    double stayed = 0;
    int bin = from % BINS;
    for (int cell = from; cell < end; cell++) {
      double p = chance[cell];
      won += alive * p;
      stayed += alive * (1 - p / 2) * AgeBins.width(bin++);
      alive *= 1 - p;
      if (won * bestStayed > bestWon * stayed) {
        bestWon = won;
        bestStayed = stayed;
      }
    }
    return bestWon / bestStayed;
  }
}
