package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.observe.Workspace;

/**
 * Scores that another run has computed: KVzip (Kim et al., NeurIPS 2025, arXiv 2505.23416) from a
 * pass that repeats the context, SpecPC (2025, arXiv 2506.08373) from a draft model. Rows are given
 * for each query head, each KV head, or the layer.
 *
 * @param signal what is given
 * @param group how the query heads of a group vote together
 * @param kernel odd width of a smoothing by maximum; 1 for none
 */
public record GivenScorer(Signal signal, Reduction group, int kernel) implements TokenScorer {

  public GivenScorer {
    Pooling.requireKernel(kernel);
  }

  @Override
  public Needs needs() {
    return Needs.signal(signal);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[][] given = layer.signal(signal);
    int heads = layer.shape().kvHeads();
    float[][] rows = new float[given.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Pooling.MAX.smooth(given[i], layer.tokens(), kernel);
    }
    if (rows.length == 1) {
      return Scores.shared(heads, rows[0]);
    }
    if (rows.length == heads) {
      return Scores.of(rows);
    }
    if (rows.length != layer.shape().queryHeads()) {
      throw new IllegalArgumentException(
          "%s come in %d rows: needed are 1, %d (KV heads) or %d (query heads)"
              .formatted(signal.words(), rows.length, heads, layer.shape().queryHeads()));
    }
    return Scores.of(group.reduce(rows, layer.shape().group()));
  }
}
