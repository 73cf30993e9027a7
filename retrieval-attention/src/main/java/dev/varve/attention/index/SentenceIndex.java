package dev.varve.attention.index;

import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.FloatRows;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The decode stage of SentenceKV (Zhu et al., 2025): sentences compete by the dot product of their
 * mean key with the mean of the queries since the last sentence ended, for each KV head apart. The
 * best are read whole until the budget is full; of the last one only its first tokens. Needs token
 * ids. A sentence ends with one of the named tokens, or after so many tokens.
 */
public final class SentenceIndex implements StoredIndex {
  private final LayerShape shape;
  private final Pages pages;
  private final PageScores scores;
  private final FloatRows view = new FloatRows();
  private final float[] sums;
  private final float[] mean;
  private int queriesInSentence;
  private int seenTokens;
  private long[] order = {};

  /** An index of sentences that end as {@code cut} says. */
  public SentenceIndex(LayerShape shape, SentenceCut cut, Backend backend) {
    this.shape = shape;
    this.pages =
        new Pages(shape.kvHeads(), shape.keyDim(), cut, new MeanSummary(shape.keyDim()), backend);
    this.scores = new PageScores(PageScores.Reduction.SUM, backend);
    this.sums = new float[shape.queryHeads() * shape.keyDim()];
    this.mean = new float[sums.length];
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public int tokens() {
    return pages.tokens();
  }

  @Override
  public void append(KeySpan keys, int[] tokenIds) {
    pages.append(keys, tokenIds);
  }

  @Override
  public int truncate(int tokens) {
    Arrays.fill(sums, 0f);
    queriesInSentence = 0;
    seenTokens = pages.truncate(tokens);
    return seenTokens;
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    average(queries);
    int first = pages.pageOf(from);
    int end = pages.pageOf(to - 1) + 1;
    int group = shape.group();
    int dim = shape.keyDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      view.at(mean, head * group * dim, dim, group);
      float[] similarity = scores.score(pages, head, view, first, end);
      sort(similarity, end - first);
      int left = budget;
      for (int i = 0; i < end - first && left > 0; i++) {
        int page = first + (int) order[i];
        int begin = Math.max(from, pages.start(page));
        int stop = Math.min(Math.min(to, pages.end(page)), begin + left);
        picks[head].set(begin, stop);
        left -= stop - begin;
      }
    }
    return (long) shape.kvHeads() * (end - first) * pages.rows().rowBytes();
  }

  /** Adds this step's queries to those of the sentence, or begins a new one. */
  private void average(StepQueries queries) {
    if (pages.endsWithAPage() && seenTokens != pages.tokens()) {
      Arrays.fill(sums, 0f);
      queriesInSentence = 0;
    }
    seenTokens = pages.tokens();
    queriesInSentence++;
    queries.fingerprint(mean);
    for (int i = 0; i < sums.length; i++) {
      sums[i] += mean[i];
      mean[i] = sums[i] / queriesInSentence;
    }
  }

  /** Places by descending score, lower places first among equals. */
  private void sort(float[] similarity, int count) {
    if (order.length < count) {
      order = new long[count];
    }
    for (int i = 0; i < count; i++) {
      int bits = Float.floatToIntBits(similarity[i] + 0f);
      int ascending = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
      order[i] = ((long) ~ascending << 32) | i;
    }
    Arrays.sort(order, 0, count);
    for (int i = 0; i < count; i++) {
      order[i] &= 0xffffffffL;
    }
  }

  @Override
  public long bytes() {
    return pages.rows().bytes();
  }

  @Override
  public void write(IndexOutput out) {
    pages.write(out);
  }

  @Override
  public void restore(IndexInput in) {
    pages.restore(in);
  }
}
