package dev.varve.attention.index;

import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.TopKKernel;
import java.util.BitSet;

/** An index in which query heads vote over the tokens of {@link KeyScores}, which it owns. */
abstract sealed class VoteIndex implements StoredIndex permits GroupVoteIndex, SoftVoteIndex {
  final LayerShape shape;
  final AttentionVotes votes;
  private final KeyScores keys;
  private final TopKKernel topK;
  private int[] places = {};

  /**
   * @param scale factor on the dot products
   * @param softCap of the logits; 0 for none
   */
  VoteIndex(LayerShape shape, KeyScores keys, float scale, float softCap, Backend backend) {
    this.shape = shape;
    this.keys = keys;
    this.votes = new AttentionVotes(keys, scale, softCap, backend);
    this.topK = TopKKernel.of(backend);
  }

  /** Adds the best {@code budget} of the candidates {@code [from, to)} to {@code picks}. */
  final void pick(float[] scores, int from, int to, int budget, BitSet picks) {
    int wanted = Math.min(budget, to - from);
    if (places.length < wanted) {
      places = new int[wanted];
    }
    int count = topK.select(scores, 0, to - from, wanted, places);
    for (int i = 0; i < count; i++) {
      picks.set(from + places[i]);
    }
  }

  /** The votes of the last look-up or vote, candidate by candidate. */
  final float[] votes() {
    return votes.votes();
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
