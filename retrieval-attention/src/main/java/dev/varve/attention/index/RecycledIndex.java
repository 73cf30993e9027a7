package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.TopKKernel;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Recycled Attention (Xu et al., 2024): a full step reads every candidate and remembers, for each
 * KV head, those with the most attention; the steps until the next full one read only these and the
 * tokens that came since, which take the places of the lowest ones. A full step comes every so many
 * steps, or when the query has turned away, which is looked at every few steps.
 */
public final class RecycledIndex implements TokenIndex {

  /**
   * When a step is full.
   *
   * @param every steps from one full step to the next
   * @param check steps between looks at the cosine; 0 never to look
   * @param cosine below this cosine with the query of the last full step, a step is full
   */
  public record Schedule(int every, int check, double cosine) {
    public Schedule {
      Checks.positive(every, "every");
      Checks.notNegative(check, "check");
      if (Double.isNaN(cosine)) {
        throw new IllegalArgumentException("the threshold of a cosine must be a number: NaN");
      }
    }
  }

  private final LayerShape shape;
  private final GroupVoteIndex exact;
  private final Schedule schedule;
  private final TopKKernel topK;
  private final long[][] kept;
  private final float[] lastQuery;
  private int[] places = {};
  private int keptCount;
  private int end;
  private int since;

  /** No full step yet: the first step is one. */
  public RecycledIndex(LayerShape shape, Schedule schedule, Backend backend) {
    this.shape = shape;
    this.schedule = schedule;
    var keys = new ExactKeyScores(shape.kvHeads(), shape.keyDim(), backend);
    this.exact = new GroupVoteIndex(shape, keys, backend);
    this.topK = TopKKernel.of(backend);
    this.kept = new long[shape.kvHeads()][0];
    this.lastQuery = new float[shape.queryHeads() * shape.keyDim()];
    this.since = schedule.every();
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public int tokens() {
    return exact.tokens();
  }

  @Override
  public void append(KeySpan keys, int[] tokenIds) {
    exact.append(keys, tokenIds);
  }

  @Override
  public boolean borrowsKeys() {
    return true;
  }

  @Override
  public int truncate(int tokens) {
    since = schedule.every();
    return exact.truncate(tokens);
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    since++;
    if (isFull(queries, to)) {
      return fullStep(queries, from, to, budget, picks);
    }
    int dropped = Math.min(keptCount, to - end);
    for (int head = 0; head < picks.length; head++) {
      for (int i = dropped; i < keptCount; i++) {
        picks[head].set((int) kept[head][i]);
      }
      picks[head].set(end, to);
      picks[head].clear(0, from);
    }
    return 0;
  }

  private boolean isFull(StepQueries queries, int to) {
    boolean looks = schedule.check() > 0 && since % schedule.check() == 0;
    return since >= schedule.every()
        || to < end
        || (looks && queries.cosine(lastQuery) < schedule.cosine());
  }

  private long fullStep(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    int wanted = Math.min(budget, to - from);
    if (places.length < wanted) {
      places = new int[wanted];
    }
    long bytes = 0;
    for (int head = 0; head < shape.kvHeads(); head++) {
      bytes += exact.vote(queries, head, from, to);
      topK.select(exact.votes(), 0, to - from, wanted, places);
      if (kept[head].length < wanted) {
        kept[head] = new long[wanted];
      }
      for (int i = 0; i < wanted; i++) {
        // Votes are not negative, so that their bits order them.
        long vote = Float.floatToRawIntBits(exact.votes()[places[i]]);
        kept[head][i] = vote << 32 | (from + places[i]);
      }
      Arrays.sort(kept[head], 0, wanted);
      picks[head].set(from, to);
    }
    keptCount = wanted;
    end = to;
    since = 0;
    queries.fingerprint(lastQuery);
    return bytes;
  }

  @Override
  public long bytes() {
    return (long) shape.kvHeads() * keptCount * Long.BYTES;
  }
}
