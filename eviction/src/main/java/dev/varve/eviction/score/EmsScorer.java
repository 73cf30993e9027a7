package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.Checks;

/**
 * The larger of global and local attention, each over its own average: the scores of EMS (2024,
 * arXiv 2412.08521). Global is the attention of all queries, local that of the newest; both are
 * divided by the number of queries that see the token.
 *
 * @param window newest queries that count as local
 * @param group how the query heads of a group vote together
 */
public record EmsScorer(int window, Reduction group) implements TokenScorer {

  public EmsScorer {
    Checks.positive(window, "window");
  }

  @Override
  public Needs needs() {
    return Needs.attention(Needs.ALL);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[][] global = relative(layer, QueryAttention.available(layer), workspace);
    float[][] local = relative(layer, Math.min(window, layer.tokens()), workspace);
    for (int head = 0; head < global.length; head++) {
      for (int i = 0; i < global[head].length; i++) {
        global[head][i] = Math.max(global[head][i], local[head][i]);
      }
    }
    return Scores.of(global);
  }

  private float[][] relative(Observation layer, int queries, Workspace workspace) {
    float[][] columns = QueryAttention.columns(layer, queries, workspace);
    QueryAttention.normalize(columns, QueryAttention.observers(layer, queries));
    float[][] heads = group.reduce(columns, layer.shape().group());
    for (float[] head : heads) {
      double sum = 0;
      for (float score : head) {
        sum += score;
      }
      double mean = sum / head.length;
      for (int i = 0; i < head.length && mean > 0; i++) {
        head[i] = (float) (head[i] / mean);
      }
    }
    return heads;
  }
}
