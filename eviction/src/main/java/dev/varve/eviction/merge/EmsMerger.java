package dev.varve.eviction.merge;

import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Each dropped token goes into the kept token with the most similar key, unless none is similar
 * enough: then it goes into the zero class, which contributes nothing: EMS (2024, arXiv 2412.08521;
 * no code is public, so thresholds and weights are ours). Members are averaged by their scores, and
 * a row counts as many times as tokens are in it, which makes merging equal tokens lossless. The
 * newest tokens stay as they are.
 *
 * @param threshold least cosine for merging; above 1 merges nothing
 * @param recent newest tokens that take nothing up
 * @param keys whether keys are averaged too; else centres keep theirs
 */
public record EmsMerger(double threshold, int recent, boolean keys) implements Merger {

  public EmsMerger {
    if (Double.isNaN(threshold)) {
      throw new IllegalArgumentException("threshold must be a number: " + threshold);
    }
  }

  @Override
  public int extraSlots() {
    return 0;
  }

  @Override
  public List<MergedSlot> merge(HeadEviction eviction, Workspace workspace) {
    int[] centres = centres(eviction);
    if (centres.length == 0 || threshold > 1) {
      return List.of();
    }
    float[] keyRows = workspace.head(eviction.layer().keys(), eviction.head());
    float[] valueRows = workspace.head(eviction.layer().values(), eviction.head());
    int keyDim = eviction.layer().keys().dim();
    NearestKeys nearest = new NearestKeys(keyRows, keyDim, centres);
    List<List<Integer>> members = new ArrayList<>();
    for (int i = 0; i < centres.length; i++) {
      members.add(new ArrayList<>(List.of(centres[i])));
    }
    for (int token : eviction.evicted()) {
      // Rounding must not keep an equal key out of a class that asks for equality.
      if (nearest.nearest(token) >= threshold - 1e-9) {
        members.get(nearest.best()).add(token);
      }
    }
    List<MergedSlot> slots = new ArrayList<>();
    for (List<Integer> group : members) {
      if (group.size() > 1) {
        Means key = new Means(keyDim);
        Means value = new Means(eviction.layer().values().dim());
        for (int token : group) {
          double weight = weight(eviction.scores()[token]);
          key.add(keyRows, token, weight);
          value.add(valueRows, token, weight);
        }
        int centre = group.getFirst();
        float[] own = Arrays.copyOfRange(keyRows, centre * keyDim, (centre + 1) * keyDim);
        float[] merged = keys ? key.mean() : own;
        slots.add(new MergedSlot(centre, merged, value.mean(), group.size(), group.size()));
      }
    }
    return slots;
  }

  private int[] centres(HeadEviction eviction) {
    int end = eviction.kept().length + eviction.evicted().length - recent;
    return Arrays.stream(eviction.kept()).filter(token -> token < end).toArray();
  }

  /** Scores as weights; the smallest positive number stands for none, and for protection one. */
  private static double weight(float score) {
    return Float.isInfinite(score) ? 1 : Math.max(score, Float.MIN_NORMAL);
  }
}
