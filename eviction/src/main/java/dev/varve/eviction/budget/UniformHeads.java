package dev.varve.eviction.budget;

import java.util.Arrays;

/** Every head the same; what does not divide goes to the first heads. */
public record UniformHeads() implements HeadAllocator {
  @Override
  public int[] allocate(Demand demand, int layer, long total) {
    double[] shares = new double[demand.heads(layer)];
    Arrays.fill(shares, 1);
    return Apportionment.split(shares, total, demand.candidates());
  }
}
