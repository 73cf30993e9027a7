package dev.varve.eviction.online;

import dev.varve.store.Checks;

/**
 * The row that has received the least attention so far goes, unless it stands for several: the
 * heavy hitters of H2O (Zhang et al., NeurIPS 2023, arXiv 2306.14048) while decoding. Of equals the
 * later one goes.
 *
 * @param sinks first rows, which stay
 * @param recent newest rows that stay, the new one included
 */
public record LeastAttended(int sinks, int recent) implements OnlineEviction {

  public LeastAttended {
    Checks.notNegative(sinks, "sinks");
    Checks.notNegative(recent, "recent");
  }

  @Override
  public int leaves(HeadRowsView head) {
    return LeastRow.of(head, sinks, head.rows() - recent);
  }
}
