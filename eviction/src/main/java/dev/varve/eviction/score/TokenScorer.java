package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import java.util.OptionalDouble;

/**
 * How much each token of a layer matters to each KV head: more is better, only the order counts
 * unless an allocator compares heads or layers. An immutable value, safe for many threads; scratch
 * memory comes in with the {@link Workspace}.
 */
public interface TokenScorer {

  /** What {@link #score} looks at. */
  Needs needs();

  /** Scores of every KV head and token of {@code layer}, which gives what is needed. */
  Scores score(Observation layer, Workspace workspace);

  /**
   * If this looks at nothing but a sum over the attention of all queries: how much an earlier query
   * counts for each later one. A session can keep such a sum while it attends, in place of all
   * queries, and give it as {@link dev.varve.eviction.observe.Signal#ATTENTION_SUMS}.
   */
  default OptionalDouble decay() {
    return OptionalDouble.empty();
  }

  /** The layer whose scores serve {@code layer}: itself, unless one layer decides for all. */
  default int sourceLayer(int layer) {
    return layer;
  }
}
