package dev.varve.offload.replacement;

/**
 * The index of a chunk of every age from its chances of a hit: the greatest ratio, over all times
 * to wait, of the probability of a hit in that time to the ticks it is expected to stay meanwhile.
 *
 * <p>Draw the hits won against the ticks stayed, both summed from age 0. Surviving up to an age
 * scales both alike, so the index of that age is the steepest line from its point to a later one:
 * the tangent to the upper hull of the points that follow, found for all ages in one sweep from the
 * right. For one thread.
 */
final class GittinsIndex {

  private static final int BINS = AgeBins.BINS;

  private final double[] stayed = new double[BINS + 1];
  private final double[] won = new double[BINS + 1];
  private final int[] hull = new int[BINS + 1];

  /**
   * Fits one class.
   *
   * @param chance probability of a hit in each bin, of a chunk that reaches it; {@link
   *     AgeBins#BINS} of them from {@code from}
   * @param index where the indices go, at the same place
   */
  void fit(double[] chance, int from, double[] index) {
    sum(chance, from);
    int top = 0;
    hull[0] = BINS;
    for (int bin = BINS - 1; bin >= 0; bin--) {
      double steepest = slope(bin, hull[top]);
      while (top > 0) {
        double next = slope(bin, hull[top - 1]);
        if (steepest > next) {
          break;
        }
        steepest = next;
        top--;
      }
      index[from + bin] = steepest;
      hull[++top] = bin;
    }
  }

  private void sum(double[] chance, int from) {
    double alive = 1;
    for (int bin = 0; bin < BINS; bin++) {
      double hit = chance[from + bin];
      won[bin + 1] = won[bin] + alive * hit;
      stayed[bin + 1] = stayed[bin] + alive * (1 - hit / 2) * AgeBins.width(bin);
      alive *= 1 - hit;
    }
  }

  private double slope(int from, int to) {
    return (won[to] - won[from]) / (stayed[to] - stayed[from]);
  }
}
