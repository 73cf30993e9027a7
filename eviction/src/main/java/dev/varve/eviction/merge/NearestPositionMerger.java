package dev.varve.eviction.merge;

import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * Each dropped token goes into the kept token nearest by position, the earlier one if two are as
 * near: Elastic Cache (Liu et al., ECCV 2024, arXiv 2407.18121). A kept token becomes the plain
 * average of itself and all that went into it.
 *
 * @param counted whether a merged row counts as many times as tokens are in it; the paper counts
 *     once
 */
public record NearestPositionMerger(boolean counted) implements Merger {

  @Override
  public int extraSlots() {
    return 0;
  }

  @Override
  public List<MergedSlot> merge(HeadEviction eviction, Workspace workspace) {
    float[] keys = workspace.head(eviction.layer().keys(), eviction.head());
    float[] values = workspace.head(eviction.layer().values(), eviction.head());
    List<MergedSlot> slots = new ArrayList<>();
    int[] kept = eviction.kept();
    int next = 0;
    for (int i = 0; i < kept.length; i++) {
      Means key = new Means(eviction.layer().keys().dim());
      Means value = new Means(eviction.layer().values().dim());
      key.add(keys, kept[i], 1);
      value.add(values, kept[i], 1);
      int from = next;
      while (next < eviction.evicted().length
          && (i == kept.length - 1 || nearer(eviction, next, i))) {
        key.add(keys, eviction.evicted()[next], 1);
        value.add(values, eviction.evicted()[next], 1);
        next++;
      }
      if (next > from) {
        int count = 1 + next - from;
        slots.add(new MergedSlot(kept[i], key.mean(), value.mean(), count, counted ? count : 1));
      }
    }
    return slots;
  }

  /** Whether an evicted token is at least as near to kept token {@code i} as to the one behind. */
  private static boolean nearer(HeadEviction eviction, int evicted, int i) {
    int position = eviction.layer().positions().at(eviction.evicted()[evicted]);
    int here = eviction.layer().positions().at(eviction.kept()[i]);
    int there = eviction.layer().positions().at(eviction.kept()[i + 1]);
    return Math.abs(position - here) <= Math.abs(there - position);
  }
}
