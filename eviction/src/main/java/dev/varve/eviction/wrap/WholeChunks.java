package dev.varve.eviction.wrap;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Scores;
import dev.varve.eviction.score.TokenScorer;
import dev.varve.store.Checks;

/**
 * Neighbours stay together: ChunkKV (Liu et al., 2025, arXiv 2502.00299). A token scores what its
 * chunk scores on average over its tokens and all heads, so that all heads keep the same chunks;
 * the budget cuts the last chunk short instead of missing.
 *
 * @param inner scores tokens
 * @param size tokens of a chunk
 */
public record WholeChunks(TokenScorer inner, int size) implements TokenScorer {

  public WholeChunks {
    Checks.positive(size, "size");
  }

  @Override
  public Needs needs() {
    return inner.needs();
  }

  @Override
  public int sourceLayer(int layer) {
    return inner.sourceLayer(layer);
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    Scores scores = inner.score(layer, workspace);
    int tokens = scores.tokens();
    float[] shared = new float[tokens];
    for (int from = 0; from < tokens; from += size) {
      int to = Math.min(tokens, from + size);
      double sum = 0;
      int finite = 0;
      for (float[] head : scores.heads()) {
        for (int i = from; i < to; i++) {
          boolean counts = !Float.isInfinite(head[i]);
          sum += counts ? head[i] : 0;
          finite += counts ? 1 : 0;
        }
      }
      java.util.Arrays.fill(shared, from, to, finite > 0 ? (float) (sum / finite) : 0f);
    }
    return new Scores(Scores.shared(scores.heads().length, shared).heads(), scores.mass());
  }
}
