package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.TopKKernel;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Blocks that stay and blocks that change, after the lesson of NOSA (Huang et al., 2025): most of a
 * KV head's blocks are those with the most attention over all steps so far, chosen anew only now
 * and then; the rest follow the query of the step. So a step moves no more blocks than may follow
 * the query. Blocks are scored by their mean key; NOSA itself trains an importance, this does not.
 */
public final class StickyIndex implements TokenIndex {

  /**
   * The division of the budget.
   *
   * @param block tokens of a block
   * @param moving blocks of each step that follow its query
   * @param refresh steps from one choice of the blocks that stay to the next
   */
  public record Quota(int block, int moving, int refresh) {
    public Quota {
      Checks.positive(block, "block");
      Checks.notNegative(moving, "moving");
      Checks.positive(refresh, "refresh");
    }
  }

  private final LayerShape shape;
  private final Quota quota;
  private final Pages pages;
  private final PageScores scores;
  private final SoftmaxKernel softmax;
  private final TopKKernel topK;
  private final BitSet[] sticky;
  private final float[][] importance;
  private float[] masked = {};
  private int[] places = {};
  private int steps;
  private int lastEnd;

  /** No blocks yet. */
  public StickyIndex(LayerShape shape, Quota quota, Backend backend) {
    this.shape = shape;
    this.quota = quota;
    this.pages =
        new Pages(
            shape.kvHeads(),
            shape.keyDim(),
            new FixedCut(quota.block()),
            new MeanSummary(shape.keyDim()),
            backend);
    this.scores = new PageScores(PageScores.Reduction.SUM, backend);
    this.softmax = SoftmaxKernel.of(backend);
    this.topK = TopKKernel.of(backend);
    this.sticky = new BitSet[shape.kvHeads()];
    this.importance = new float[shape.kvHeads()][0];
    Arrays.setAll(sticky, head -> new BitSet());
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
    int left = pages.truncate(tokens);
    for (float[] mass : importance) {
      Arrays.fill(mass, 0f);
    }
    steps = 0;
    return left;
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    int first = from / quota.block();
    int end = Math.ceilDiv(to, quota.block());
    int blocks = Math.min(end - first, Math.max(1, budget / quota.block()));
    boolean refreshes = steps++ % quota.refresh() == 0 || end < lastEnd;
    lastEnd = end;
    if (places.length < blocks) {
      places = new int[blocks];
    }
    for (int head = 0; head < shape.kvHeads(); head++) {
      float[] blockScores = scores.score(pages, head, queries.mean(head), first, end);
      remember(head, blockScores, first, end);
      int staying = Math.max(0, blocks - quota.moving());
      if (refreshes) {
        sticky[head].clear();
        take(importance[head], first, end, staying, sticky[head]);
      }
      for (int b = first; b < end; b++) {
        masked[b - first] = sticky[head].get(b) ? Float.NEGATIVE_INFINITY : blockScores[b - first];
      }
      int moving = Math.min(quota.moving(), end - first - sticky[head].cardinality());
      int count = topK.select(masked, 0, end - first, moving, places);
      for (int i = 0; i < count; i++) {
        read(first + places[i], from, to, picks[head]);
      }
      for (int b = sticky[head].nextSetBit(first); b >= 0; b = sticky[head].nextSetBit(b + 1)) {
        read(b, from, to, picks[head]);
      }
    }
    return (long) shape.kvHeads() * (end - first) * pages.rows().rowBytes();
  }

  /** Adds each block's share of the attention of this step. */
  private void remember(int head, float[] blockScores, int first, int end) {
    int count = end - first;
    if (masked.length < count) {
      masked = new float[2 * count];
    }
    if (importance[head].length < end) {
      importance[head] = Arrays.copyOf(importance[head], 2 * end);
    }
    System.arraycopy(blockScores, 0, masked, 0, count);
    softmax.softmax(masked, 0, count, shape.scale() / shape.group(), 0f);
    for (int b = first; b < end; b++) {
      importance[head][b] += masked[b - first];
    }
  }

  private void take(float[] from, int first, int end, int wanted, BitSet target) {
    int count = topK.select(from, first, end - first, wanted, places);
    for (int i = 0; i < count; i++) {
      target.set(first + places[i]);
    }
  }

  private void read(int block, int from, int to, BitSet picks) {
    int start = Math.max(from, block * quota.block());
    int end = Math.min(to, (block + 1) * quota.block());
    if (start < end) {
      picks.set(start, end);
    }
  }

  @Override
  public long bytes() {
    return pages.rows().bytes();
  }
}
