package dev.varve.eviction.merge;

import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The value of each dropped token is folded into that of the kept token with the most similar key;
 * keys stay as they are: value merging as in kvpress' {@code MergingPress}. A dropped value {@code
 * e} weighs {@code cosine * |e| / (|e| + |t|)} beside the kept value {@code t}, which weighs 1; the
 * result is the weighted average.
 *
 * @param threshold least cosine for merging
 */
public record ValueMerger(double threshold) implements Merger {

  public ValueMerger {
    if (!(threshold >= -1 && threshold <= 1)) {
      throw new IllegalArgumentException("threshold must lie between -1 and 1: " + threshold);
    }
  }

  @Override
  public int extraSlots() {
    return 0;
  }

  @Override
  public List<MergedSlot> merge(HeadEviction eviction, Workspace workspace) {
    int[] kept = eviction.kept();
    if (kept.length == 0) {
      return List.of();
    }
    int keyDim = eviction.layer().keys().dim();
    int valueDim = eviction.layer().values().dim();
    float[] keys = workspace.head(eviction.layer().keys(), eviction.head());
    float[] values = workspace.head(eviction.layer().values(), eviction.head());
    NearestKeys nearest = new NearestKeys(keys, keyDim, kept);
    Means[] sums = new Means[kept.length];
    int[] counts = new int[kept.length];
    for (int token : eviction.evicted()) {
      double cosine = nearest.nearest(token);
      int target = nearest.best();
      double length = length(values, token, valueDim);
      double both = length + length(values, kept[target], valueDim);
      if (cosine >= threshold && cosine > 0 && length > 0) {
        if (counts[target]++ == 0) {
          sums[target] = new Means(valueDim);
          sums[target].add(values, kept[target], 1);
        }
        sums[target].add(values, token, cosine * length / both);
      }
    }
    List<MergedSlot> slots = new ArrayList<>();
    for (int i = 0; i < kept.length; i++) {
      if (counts[i] > 0) {
        float[] key = Arrays.copyOfRange(keys, kept[i] * keyDim, (kept[i] + 1) * keyDim);
        slots.add(new MergedSlot(kept[i], key, sums[i].mean(), 1 + counts[i], 1f));
      }
    }
    return slots;
  }

  private static double length(float[] rows, int row, int dim) {
    double sum = 0;
    for (int c = 0; c < dim; c++) {
      sum += (double) rows[row * dim + c] * rows[row * dim + c];
    }
    return Math.sqrt(sum);
  }
}
