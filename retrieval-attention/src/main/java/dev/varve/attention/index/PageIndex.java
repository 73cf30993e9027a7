package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.TopKKernel;
import java.util.BitSet;

/**
 * Picks whole pages of a fixed size, those with the best scores, for each KV head its own. The
 * query heads of a group share their pages.
 */
public final class PageIndex implements StoredIndex {
  private final LayerShape shape;
  private final int page;
  private final boolean firstPage;
  private final boolean bounds;
  private final Pages pages;
  private final PageScores scores;
  private final TopKKernel topK;
  private int[] places = {};

  private PageIndex(
      LayerShape shape,
      int page,
      boolean bounds,
      PageSummary summary,
      PageScores.Reduction reduction,
      Backend backend) {
    this.shape = shape;
    this.page = Checks.positive(page, "page");
    this.firstPage = !bounds;
    this.bounds = bounds;
    this.pages = new Pages(shape.kvHeads(), shape.keyDim(), new FixedCut(page), summary, backend);
    this.scores = new PageScores(reduction, backend);
    this.topK = TopKKernel.of(backend);
  }

  /**
   * Quest (Tang et al., 2024): upper bounds of the dot product from the smallest and largest values
   * of each channel in a page; of a group the largest bound counts.
   */
  public static PageIndex quest(LayerShape shape, int page, Backend backend) {
    var summary = new BoundSummary(shape.keyDim());
    return new PageIndex(shape, page, true, summary, PageScores.Reduction.MAX, backend);
  }

  /**
   * The retrieval cache of TriForce (Sun et al., 2024): dot products with the mean key of a chunk;
   * the first chunk is always picked, and counts as one of the budget.
   */
  public static PageIndex chunkMeans(LayerShape shape, int chunk, Backend backend) {
    var summary = new MeanSummary(shape.keyDim());
    return new PageIndex(shape, chunk, false, summary, PageScores.Reduction.SUM, backend);
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
    return pages.truncate(tokens);
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    int first = from / page;
    int end = Math.ceilDiv(to, page);
    int wanted = Math.min(Math.ceilDiv(budget, page), end - first);
    if (places.length < wanted) {
      places = new int[wanted];
    }
    for (int head = 0; head < shape.kvHeads(); head++) {
      float[] bounds = scores.score(pages, head, queries.mean(head), first, end);
      if (firstPage && first == 0) {
        bounds[0] = Float.POSITIVE_INFINITY;
      }
      int count = topK.select(bounds, 0, end - first, wanted, places);
      for (int i = 0; i < count; i++) {
        int start = (first + places[i]) * page;
        picks[head].set(Math.max(from, start), Math.min(to, start + page));
      }
    }
    return (long) shape.kvHeads() * (end - first) * pages.rows().rowBytes();
  }

  @Override
  public double logRestBound(StepQueries queries, int queryHead, BitSet read, int from, int to) {
    if (!bounds || shape.scale() < 0 || queries.tokens() > 1) {
      return Double.NaN;
    }
    int kvHead = shape.kvHeadOf(queryHead);
    int first = from / page;
    int end = Math.ceilDiv(to, page);
    float[] dots =
        scores.scoreOne(
            pages, kvHead, queries.mean(kvHead), queryHead - kvHead * shape.group(), first, end);
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int p = first; p < end; p++) {
      int unread = unread(read, Math.max(from, p * page), Math.min(to, (p + 1) * page));
      if (unread > 0) {
        double logit = capped((double) shape.scale() * dots[p - first]);
        double larger = Math.max(max, logit);
        sum = sum * Math.exp(max - larger) + unread * Math.exp(logit - larger);
        max = larger;
      }
    }
    return sum == 0 ? Double.NEGATIVE_INFINITY : max + Math.log(sum);
  }

  private double capped(double logit) {
    double cap = shape.logitSoftCap();
    return cap == 0 ? logit : cap * Math.tanh(logit / cap);
  }

  private static int unread(BitSet read, int from, int to) {
    int count = 0;
    for (int t = read.nextClearBit(from); t < to; t = read.nextClearBit(t + 1)) {
      count++;
    }
    return count;
  }

  /** The score of a page for a group's queries: for Quest the bound. */
  float score(StepQueries queries, int kvHead, int wantedPage) {
    return scores.score(pages, kvHead, queries.mean(kvHead), wantedPage, wantedPage + 1)[0];
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
