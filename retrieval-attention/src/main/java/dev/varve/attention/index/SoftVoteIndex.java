package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.util.BitSet;

/**
 * The soft vote of TokenSelect (Wu et al., 2025): every query head shares out one vote over the
 * candidates by the softmax of its dot products, the votes of all heads are added, and the tokens
 * with the most are read by all heads. The queries of a prefill chunk vote as their mean.
 */
public final class SoftVoteIndex extends VoteIndex {
  private final MaxPool pool;

  /**
   * @param keys what is scored
   * @param scale factor on the dot products; the paper's code uses 1
   * @param pool tokens of the window whose largest vote a token gets, odd; 1 for its own
   */
  public SoftVoteIndex(LayerShape shape, KeyScores keys, float scale, int pool, Backend backend) {
    super(shape, keys, Checks.finite(scale, "scale"), 0f, backend);
    this.pool = new MaxPool(pool);
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    long bytes = vote(queries, from, to);
    pick(pool.apply(votes(), to - from), from, to, budget, picks[0]);
    return bytes;
  }

  /** Fills {@link #votes()} for the candidates; returns the bytes read. */
  long vote(StepQueries queries, int from, int to) {
    votes.clear(to - from);
    long bytes = 0;
    for (int head = 0; head < shape.kvHeads(); head++) {
      bytes += votes.add(head, queries.mean(head), from, to);
    }
    return bytes;
  }
}
