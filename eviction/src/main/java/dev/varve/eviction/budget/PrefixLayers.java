package dev.varve.eviction.budget;

import dev.varve.eviction.score.Scores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One level of cumulated importance for all layers: PrefixKV (Wang et al., 2024, arXiv 2412.03409).
 * Every layer keeps the shortest prefix of its ranking that reaches the level, and the level is the
 * one that uses up the total. The published search stops near it; taking tokens in the order of the
 * importance that stands before them, over all layers, meets it exactly.
 */
public record PrefixLayers() implements LayerAllocator {

  private record Step(int layer, double before) {}

  @Override
  public long[] allocate(Demand demand) {
    List<Step> steps = new ArrayList<>();
    for (int layer = 0; layer < demand.layers(); layer++) {
      steps.addAll(steps(demand, layer));
    }
    // Stable, so that equal levels favour the earlier layer, and nested for growing totals.
    steps.sort(Comparator.comparingDouble(Step::before));
    long[] totals = new long[demand.layers()];
    long most = Math.min(steps.size(), (long) demand.free() * demand.layers());
    for (int i = 0; i < most; i++) {
      int layer = steps.get(i).layer();
      totals[layer] += demand.heads(layer);
    }
    return totals;
  }

  /** For each token in descending order of importance, the share of those before it. */
  private static List<Step> steps(Demand demand, int layer) {
    double[] importance = importance(demand.scores().get(layer), demand.from(), demand.to());
    java.util.Arrays.sort(importance);
    double sum = 0;
    for (double value : importance) {
      sum += value;
    }
    List<Step> steps = new ArrayList<>();
    double before = 0;
    for (int i = importance.length - 1; steps.size() < demand.candidates(); i--) {
      steps.add(new Step(layer, before));
      before += sum > 0 ? importance[i] / sum : 1.0 / importance.length;
    }
    return steps;
  }

  private static double[] importance(Scores scores, int from, int to) {
    double[] importance = new double[to - from];
    for (float[] head : scores.heads()) {
      for (int i = from; i < to; i++) {
        if (!(head[i] >= 0) || Float.isInfinite(head[i])) {
          throw new IllegalArgumentException(
              "layer budgets by cumulated importance need scores that are shares of attention, not "
                  + head[i]);
        }
        importance[i - from] += head[i];
      }
    }
    return importance;
  }
}
