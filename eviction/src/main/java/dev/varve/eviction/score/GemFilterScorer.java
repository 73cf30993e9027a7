package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;
import java.util.Arrays;

/**
 * One early layer filters the prompt for all: GemFilter (Shi et al., 2024, arXiv 2409.17422). The
 * score is the sum over query heads of the last query's dot product with the keys, neither scaled
 * nor softmaxed, then averaged along the sequence. The tokens it picks are meant to be run again
 * from the beginning.
 *
 * @param layer whose keys and last query decide
 * @param kernel odd width of the average
 */
public record GemFilterScorer(int layer, int kernel) implements TokenScorer {

  public GemFilterScorer {
    Checks.notNegative(layer, "layer");
    Pooling.requireKernel(kernel);
  }

  @Override
  public Needs needs() {
    return Needs.queries(1);
  }

  @Override
  public int sourceLayer(int other) {
    return layer;
  }

  @Override
  public Scores score(Observation observed, Workspace workspace) {
    QueryRows queries = observed.queries();
    int tokens = observed.tokens();
    float[] sums = new float[tokens];
    float[] dots = new float[tokens];
    for (int head = 0; head < observed.shape().queryHeads(); head++) {
      int from = queries.offset(head, queries.count() - 1);
      float[] query = Arrays.copyOfRange(queries.values(), from, from + queries.dim());
      int kvHead = observed.shape().kvHeadOf(head);
      workspace.multiply(observed.keys(), kvHead, query, 1, dots, tokens);
      for (int i = 0; i < tokens; i++) {
        sums[i] += dots[i];
      }
    }
    float[] smooth = Pooling.AVG.smooth(sums, tokens, kernel);
    return Scores.shared(observed.shape().kvHeads(), smooth);
  }
}
