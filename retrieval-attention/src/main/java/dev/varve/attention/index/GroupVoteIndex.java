package dev.varve.attention.index;

import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.util.BitSet;

/**
 * For each KV head the tokens with the most attention, added up over the query heads of its group:
 * over exact keys the oracle of a budget, over a low-bit copy what SpeCache (Jie et al., 2025)
 * fetches for the next step when it is given the queries of the guessed token.
 */
public final class GroupVoteIndex extends VoteIndex {

  /** Votes over {@code keys}, which belong to this index from now on. */
  public GroupVoteIndex(LayerShape shape, KeyScores keys, Backend backend) {
    super(shape, keys, shape.scale(), shape.logitSoftCap(), backend);
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    long bytes = 0;
    for (int head = 0; head < shape.kvHeads(); head++) {
      bytes += vote(queries, head, from, to);
      pick(votes(), from, to, budget, picks[head]);
    }
    return bytes;
  }

  /** Fills {@link #votes()} for one KV head; returns the bytes read. */
  long vote(StepQueries queries, int head, int from, int to) {
    votes.clear(to - from);
    return votes.add(head, queries.mean(head), from, to);
  }
}
