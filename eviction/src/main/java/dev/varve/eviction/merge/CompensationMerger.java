package dev.varve.eviction.merge;

import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Workspace;
import java.util.List;

/**
 * One more slot stands for everything that was dropped: the compensation token of RazorAttention
 * (Tang et al., ICLR 2025, arXiv 2407.15891). Its key and value are the averages of the dropped
 * ones and it counts as many times as there were, so that attention never overestimates them
 * (Jensen).
 *
 * @param weighted whether it counts that often; else once, as some deployments have it
 */
public record CompensationMerger(boolean weighted) implements Merger {

  @Override
  public int extraSlots() {
    return 1;
  }

  @Override
  public List<MergedSlot> merge(HeadEviction eviction, Workspace workspace) {
    float[] keys = workspace.head(eviction.layer().keys(), eviction.head());
    float[] values = workspace.head(eviction.layer().values(), eviction.head());
    CompensationToken token =
        new CompensationToken(eviction.layer().keys().dim(), eviction.layer().values().dim());
    for (int dropped : eviction.evicted()) {
      token.fold(keys, dropped, values, dropped);
    }
    return List.of(token.slot(weighted));
  }
}
