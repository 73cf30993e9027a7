package dev.varve.eviction.budget;

/**
 * Heads with spread-out attention get more than heads with sharp attention: AdaKV (Feng et al.,
 * NeurIPS 2025, arXiv 2407.11550). The best tokens of all heads together are counted by head; a
 * part of an even share is guaranteed to everyone. The published code rounds head by head and
 * drifts; here the places of a layer add up. Scores of different heads must be comparable.
 *
 * @param floor guaranteed part of an even share, 0 to 1; 1 gives all heads the same
 */
public record AdaptiveHeads(double floor) implements HeadAllocator {

  public AdaptiveHeads {
    if (!(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException("floor must lie between 0 and 1: " + floor);
    }
  }

  @Override
  public int[] allocate(Demand demand, int layer, long total) {
    float[][] heads = demand.scores().get(layer).heads();
    int[] counts = TopCounts.of(new float[][][] {heads}, demand.from(), demand.to(), total)[0];
    double even = (double) total / heads.length;
    double[] shares = new double[heads.length];
    for (int head = 0; head < shares.length; head++) {
      shares[head] = counts[head] * (1 - floor) + floor * even;
    }
    return Apportionment.split(shares, total, demand.candidates());
  }
}
