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
 * happens. The table of a class starts from that of all classes of the same past hits, and these
 * from that of all classes together, scaled by one factor (proportional hazards; Cox, 1972). What a
 * bin itself saw then counts the more, the younger the bin: the chunks of a prompt return together,
 * so that thousands of late touches are only a few independent ones. For the same reason a class
 * counts half of what the bins on both sides of a late one saw (kernel smoothing of hazards;
 * Ramlau-Hansen, 1983).
 */
final class ReuseEstimates {

  private static final int BINS = AgeBins.BINS;
  private static final int ALL = ReuseClass.CLASSES;
  private static final double PRIOR_TOUCHES_OF_ALL = 200;
  private static final double PRIOR_TOUCHES_PER_TICK = 10;
  private static final double PRIOR_HITS = 50;
  private static final double SHARE_OF_NEIGHBOURS = 0.5;
  private static final int FIRST_SMOOTHED = AgeBins.bin(512);
  private static final double MOST_CHANCE = 0.99;
  private static final double KEPT_PER_FIT = 0.99;

  private final double[] hits = new double[ReuseClass.CLASSES * BINS];
  private final double[] ended = new double[ReuseClass.CLASSES * BINS];
  private final double[] waiting = new double[ReuseClass.CLASSES * BINS];
  private final double[] chance = new double[(ALL + 1 + ReuseClass.LEVELS) * BINS];
  private final double[] worth = new double[ReuseClass.CLASSES * BINS];
  private final double[] hit = new double[BINS];
  private final double[] risked = new double[BINS];
  private final GittinsIndex index = new GittinsIndex();

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
    gather(0, 1, ReuseClass.ORPHAN);
    for (int bin = 0; bin < BINS; bin++) {
      chance[ALL * BINS + bin] = hit[bin] / (risked[bin] + PRIOR_TOUCHES_OF_ALL);
    }
    for (int level = 0; level < ReuseClass.LEVELS; level++) {
      gather(level, ReuseClass.LEVELS, ReuseClass.PARTIAL);
      lean(ALL + 1 + level, ALL);
    }
    for (int c = 0; c < ReuseClass.ORPHAN; c++) {
      gather(c, 1, c + 1);
      smooth();
      lean(c, c >= ReuseClass.PARTIAL ? ALL : ALL + 1 + c % ReuseClass.LEVELS);
      index.fit(chance, c * BINS, worth);
    }
    for (int i = 0; i < hits.length; i++) {
      hits[i] *= KEPT_PER_FIT;
      ended[i] *= KEPT_PER_FIT;
    }
  }

  /** Sums some classes: for each bin the hits, and the touches that grew as old. */
  private void gather(int from, int step, int end) {
    double older = 0;
    for (int bin = BINS - 1; bin >= 0; bin--) {
      double hitHere = 0;
      double leaving = 0;
      for (int c = from; c < end; c += step) {
        int cell = c * BINS + bin;
        hitHere += hits[cell];
        leaving += ended[cell] + waiting[cell];
      }
      hit[bin] = hitHere;
      risked[bin] = older + (leaving + hitHere) / 2;
      older += leaving;
    }
  }

  /** Adds to each late bin a share of its neighbours' hits and of their touches times ticks. */
  private void smooth() {
    double hitBefore = hit[FIRST_SMOOTHED - 1];
    double riskedBefore = risked[FIRST_SMOOTHED - 1];
    for (int bin = FIRST_SMOOTHED; bin < BINS - 1; bin++) {
      double hitHere = hit[bin];
      double riskedHere = risked[bin];
      double neighbours =
          riskedBefore * AgeBins.width(bin - 1) + risked[bin + 1] * AgeBins.width(bin + 1);
      hit[bin] += SHARE_OF_NEIGHBOURS * (hitBefore + hit[bin + 1]);
      risked[bin] += SHARE_OF_NEIGHBOURS * neighbours / AgeBins.width(bin);
      hitBefore = hitHere;
      riskedBefore = riskedHere;
    }
  }

  /**
   * Chances of hits of the classes gathered: those of wider classes, all scaled alike so that they
   * give as many hits as were seen; and each bin, the more touches reached it, what was seen there.
   */
  private void lean(int into, int wider) {
    double scale = scale(wider);
    int age = 0;
    for (int bin = 0; bin < BINS; bin++) {
      double scaled = Math.min(MOST_CHANCE, scale * chance[wider * BINS + bin]);
      age += AgeBins.width(bin);
      double prior = PRIOR_TOUCHES_PER_TICK * age;
      chance[into * BINS + bin] = (hit[bin] + prior * scaled) / (risked[bin] + prior);
    }
  }

  private double scale(int wider) {
    double seen = PRIOR_HITS;
    double expected = PRIOR_HITS;
    for (int bin = 0; bin < BINS; bin++) {
      seen += hit[bin];
      expected += risked[bin] * chance[wider * BINS + bin];
    }
    return seen / expected;
  }
}
