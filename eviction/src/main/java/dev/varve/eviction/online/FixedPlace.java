package dev.varve.eviction.online;

import dev.varve.store.Checks;

/**
 * The row at a fixed distance from the end goes, so that the first and the newest stay: Elastic
 * Cache (Liu et al., ECCV 2024, arXiv 2407.18121) and PrefixKV (Wang et al., 2024, arXiv
 * 2412.03409) while decoding.
 *
 * @param distance rows from the one that goes to the end, itself included
 * @param sinks first rows that stay as long as there are others
 */
public record FixedPlace(int distance, int sinks) implements OnlineEviction {

  public FixedPlace {
    Checks.positive(distance, "distance");
    Checks.notNegative(sinks, "sinks");
  }

  @Override
  public int leaves(HeadRowsView head) {
    int least = Math.min(sinks, head.rows() - 1);
    return Math.max(least, head.rows() - distance);
  }
}
