package dev.varve.eviction.merge;

import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * A few more slots take all dropped tokens up, in the order of their positions and in nearly equal
 * runs: the dense zone of ZeroMerge (2025, arXiv 2503.10714). Each is the average of its run; with
 * {@code c} tokens it counts as {@code c^alpha} rows. An alpha of 1 is exact for equal tokens.
 *
 * @param slots slots of the zone
 * @param alpha 0 to 1
 */
public record DenseZoneMerger(int slots, double alpha) implements Merger {

  public DenseZoneMerger {
    if (slots < 1) {
      throw new IllegalArgumentException("dense must be at least 1 slot: " + slots);
    }
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha must lie between 0 and 1: " + alpha);
    }
  }

  @Override
  public int extraSlots() {
    return slots;
  }

  @Override
  public List<MergedSlot> merge(HeadEviction eviction, Workspace workspace) {
    float[] keys = workspace.head(eviction.layer().keys(), eviction.head());
    float[] values = workspace.head(eviction.layer().values(), eviction.head());
    int[] evicted = eviction.evicted();
    int runs = Math.min(slots, evicted.length);
    List<MergedSlot> merged = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      int from = (int) ((long) evicted.length * run / runs);
      int to = (int) ((long) evicted.length * (run + 1) / runs);
      Means key = new Means(eviction.layer().keys().dim());
      Means value = new Means(eviction.layer().values().dim());
      for (int i = from; i < to; i++) {
        key.add(keys, evicted[i], 1);
        value.add(values, evicted[i], 1);
      }
      int count = to - from;
      float weight = (float) Math.pow(count, alpha);
      merged.add(new MergedSlot(MergedSlot.EXTRA, key.mean(), value.mean(), count, weight));
    }
    return merged;
  }
}
