package dev.varve.attention.index;

import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.TopKKernel;
import java.util.BitSet;

/**
 * For each KV head the tokens with the most attention, added up over the query heads of its group:
 * over exact keys the oracle of a budget, over a low-bit copy what SpeCache (Jie et al., 2025)
 * fetches for the next step when it is given the queries of the guessed token.
 */
public final class GroupVoteIndex implements StoredIndex {
  private final LayerShape shape;
  private final KeyScores keys;
  private final AttentionVotes votes;
  private final TopKKernel topK;
  private int[] places = {};

  /** Votes over {@code keys}, which belong to this index from now on. */
  public GroupVoteIndex(LayerShape shape, KeyScores keys, Backend backend) {
    this.shape = shape;
    this.keys = keys;
    this.votes = new AttentionVotes(keys, shape.scale(), shape.logitSoftCap(), backend);
    this.topK = TopKKernel.of(backend);
  }

  @Override
  public boolean shared() {
    return false;
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
    int wanted = Math.min(budget, to - from);
    if (places.length < wanted) {
      places = new int[wanted];
    }
    long bytes = 0;
    for (int head = 0; head < shape.kvHeads(); head++) {
      bytes += vote(queries, head, from, to);
      int count = topK.select(votes.votes(), 0, to - from, wanted, places);
      for (int i = 0; i < count; i++) {
        picks[head].set(from + places[i]);
      }
    }
    return bytes;
  }

  /** Fills {@link #votes()} for one KV head; returns the bytes read. */
  long vote(StepQueries queries, int head, int from, int to) {
    votes.clear(to - from);
    return votes.add(head, queries.mean(head), from, to);
  }

  /** The votes of the KV head that voted last, candidate by candidate. */
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
