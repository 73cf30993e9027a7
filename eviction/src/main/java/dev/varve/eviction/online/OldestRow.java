package dev.varve.eviction.online;

import dev.varve.store.Checks;

/**
 * The oldest row behind the sinks goes: StreamingLLM (Xiao et al., ICLR 2024, arXiv 2309.17453) and
 * the streaming heads of DuoAttention. Where a head has a row that stands for several tokens, that
 * takes it up: the compensation token of RazorAttention (Tang et al., ICLR 2025, arXiv 2407.15891),
 * folded token by token.
 *
 * @param sinks first rows, which stay
 */
public record OldestRow(int sinks) implements OnlineEviction {

  public OldestRow {
    Checks.notNegative(sinks, "sinks");
  }

  @Override
  public int leaves(HeadRowsView head) {
    int row = sinks;
    while (row < head.rows() && head.merged(row)) {
      row++;
    }
    return Math.min(row, head.rows() - 1);
  }

  @Override
  public int heir(HeadRowsView head, int leaving) {
    for (int row = 0; row < head.rows(); row++) {
      if (row != leaving && head.merged(row)) {
        return row;
      }
    }
    return NONE;
  }
}
