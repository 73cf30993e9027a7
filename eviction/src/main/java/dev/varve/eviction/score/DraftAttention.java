package dev.varve.eviction.score;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;

/**
 * What a draft model looks at: the scores of SpecPC (2025, arXiv 2506.08373). The newest queries of
 * a prompt count the more the newer they are, from nothing up to one; a token scores the largest
 * attention that any of them pays it in any head of the layers that are added. For one thread.
 */
public final class DraftAttention {
  private final int window;
  private final float[] peaks;

  /**
   * @param window queries that count
   * @param tokens of the prompt
   */
  public DraftAttention(int window, int tokens) {
    if (window < 1 || window > tokens) {
      throw new IllegalArgumentException(
          "a draft's window must lie between 1 and the %d tokens of its prompt: %d"
              .formatted(tokens, window));
    }
    this.window = window;
    this.peaks = new float[tokens];
  }

  /** Adds a layer of the draft model, with the queries of the window. */
  public void add(Observation layer, Workspace workspace) {
    int queries = Math.min(window, layer.tokens());
    if (layer.tokens() != peaks.length || QueryAttention.available(layer) < queries) {
      throw new IllegalArgumentException(
          "layer %d of the draft has %d tokens and %d queries: needed are %d and %d"
              .formatted(
                  layer.layer(),
                  layer.tokens(),
                  QueryAttention.available(layer),
                  peaks.length,
                  queries));
    }
    QueryAttention.rows(
        layer,
        queries,
        workspace,
        (head, age, weights, at, from, to) -> {
          float factor = queries == 1 ? 1 : (queries - 1f - age) / (queries - 1f);
          for (int token = from; token < to; token++) {
            peaks[token] = Math.max(peaks[token], factor * weights[at + token]);
          }
        });
  }

  /** The scores so far, one for each token. */
  public float[] scores() {
    return peaks.clone();
  }
}
