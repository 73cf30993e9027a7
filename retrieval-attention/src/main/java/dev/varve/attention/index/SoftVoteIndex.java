package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.TopKKernel;
import java.util.BitSet;

/**
 * The soft vote of TokenSelect (Wu et al., 2025): every query head shares out one vote over the
 * candidates by the softmax of its dot products, the votes of all heads are added, and the tokens
 * with the most are read by all heads. The queries of a prefill chunk vote as their mean.
 */
public final class SoftVoteIndex implements StoredIndex {
  private final LayerShape shape;
  private final KeyScores keys;
  private final AttentionVotes votes;
  private final MaxPool pool;
  private final TopKKernel topK;
  private int[] places = {};

  /**
   * @param keys what is scored
   * @param scale factor on the dot products; the paper's code uses 1
   * @param pool tokens of the window whose largest vote a token gets, odd; 1 for its own
   */
  public SoftVoteIndex(LayerShape shape, KeyScores keys, float scale, int pool, Backend backend) {
    this.shape = shape;
    this.keys = keys;
    this.votes = new AttentionVotes(keys, Checks.finite(scale, "scale"), 0f, backend);
    this.pool = new MaxPool(pool);
    this.topK = TopKKernel.of(backend);
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public int tokens() {
    return keys.tokens();
  }

  @Override
  public int appended() {
    return keys.appended();
  }

  @Override
  public boolean borrowsKeys() {
    return keys.borrowsKeys();
  }

  @Override
  public int truncate(int tokens) {
    return keys.truncate(tokens);
  }

  @Override
  public void append(KeySpan span, int[] tokenIds) {
    keys.append(span);
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    int candidates = to - from;
    long bytes = vote(queries, from, to);
    int wanted = Math.min(budget, candidates);
    if (places.length < wanted) {
      places = new int[wanted];
    }
    float[] scores = pool.apply(votes.votes(), candidates);
    int count = topK.select(scores, 0, candidates, wanted, places);
    for (int i = 0; i < count; i++) {
      picks[0].set(from + places[i]);
    }
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

  /** The votes of the last look-up, candidate by candidate: as many in all as there are heads. */
  float[] votes() {
    return votes.votes();
  }

  @Override
  public long bytes() {
    return keys.bytes();
  }

  @Override
  public boolean storable() {
    return !keys.borrowsKeys();
  }

  @Override
  public void write(IndexOutput out) {
    keys.write(out);
  }

  @Override
  public void restore(IndexInput in) {
    keys.restore(in);
  }
}
