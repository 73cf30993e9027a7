package dev.varve.attention.index;

import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The look-up of Squeezed Attention (Hooper et al., 2025) in a fixed prefix: a key is read if the
 * attention that its cluster's centroid promises is above a threshold that all layers and heads
 * share. With coarse clusters above the fine ones, only the fine ones below a coarse one that is
 * above its own threshold are looked at. A budget smaller than what is above the threshold keeps
 * the clusters with the highest promises.
 *
 * <p>Holds the prefix up to the window that was observed; that window and all tokens after it are
 * not in the index and so are always read. {@link #append} therefore ignores what it is given.
 */
public final class CentroidIndex implements StoredIndex {
  private final LayerShape shape;
  private final ClusterShares shares;
  private Optional<Clusters> fine = Optional.empty();
  private Optional<Clusters> coarse = Optional.empty();
  private float threshold;
  private float coarseThreshold;
  private int[] slots = {};
  private int[] chosen = {};
  private float[] promises = {};

  /** An index without a prefix, into which one may be restored. */
  public CentroidIndex(LayerShape shape, Backend backend) {
    this.shape = shape;
    this.shares = new ClusterShares(shape, backend);
  }

  /**
   * An index of one level around labels that somebody else found.
   *
   * @param labels {@code [kvHead][key]}, below {@code clusters}
   * @param keysOfHead the keys of a KV head, {@code [key][keyDim]}
   * @param observed queries for which the threshold leaves out {@code sparsity} of the keys
   */
  public static CentroidIndex around(
      LayerShape shape,
      int[][] labels,
      int clusters,
      IntFunction<float[]> keysOfHead,
      StepQueries observed,
      double sparsity,
      Backend backend) {
    CentroidIndex index = new CentroidIndex(shape, backend);
    index.set(
        Clusters.around(labels, clusters, keysOfHead, shape.keyDim()), 0, Optional.empty(), 0);
    WeightedQuantile scores = new WeightedQuantile();
    for (int head = 0; head < shape.kvHeads(); head++) {
      float[] promises = index.promises(observed, head);
      for (int c = 0; c < clusters; c++) {
        if (index.fine().size(head, c) > 0) {
          scores.add(promises[c], index.fine().size(head, c));
        }
      }
    }
    index.setThresholds(scores.at(sparsity), 0);
    return index;
  }

  /**
   * Sets clusters and thresholds.
   *
   * @param coarse clusters of the fine centroids, which weigh as many keys
   * @throws IllegalArgumentException if a threshold is NaN
   */
  void set(Clusters fine, float threshold, Optional<Clusters> coarse, float coarseThreshold) {
    this.fine = Optional.of(fine);
    this.coarse = coarse;
    setThresholds(threshold, coarseThreshold);
  }

  /**
   * Changes the thresholds; below 0 everything is read.
   *
   * @throws IllegalArgumentException if one is NaN
   */
  public void setThresholds(float threshold, float coarseThreshold) {
    if (Float.isNaN(threshold) || Float.isNaN(coarseThreshold)) {
      throw new IllegalArgumentException(
          "thresholds must be numbers: " + threshold + " and " + coarseThreshold);
    }
    this.threshold = threshold;
    this.coarseThreshold = coarseThreshold;
  }

  /** The threshold of the fine clusters. */
  public float threshold() {
    return threshold;
  }

  /** The threshold of the coarse clusters; without meaning where there are none. */
  public float coarseThreshold() {
    return coarseThreshold;
  }

  /** Clusters of each KV head. */
  public int clusters() {
    return fine.map(Clusters::count).orElse(0);
  }

  /** Coarse clusters of each KV head; 0 if there is one level only. */
  public int coarseClusters() {
    return coarse.map(Clusters::count).orElse(0);
  }

  Clusters fine() {
    return fine.orElseThrow();
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public int tokens() {
    return fine.map(Clusters::keys).orElse(0);
  }

  @Override
  public void append(KeySpan keys, int[] tokenIds) {}

  /** Clusters cannot be cut: a prefix that lost a token has no index any more. */
  @Override
  public int truncate(int tokens) {
    if (tokens < tokens()) {
      fine = Optional.empty();
      coarse = Optional.empty();
    }
    return tokens();
  }

  @Override
  public boolean complete() {
    return fine.isPresent();
  }

  @Override
  public boolean selects(int candidates, int budget) {
    return true;
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    long bytes = 0;
    for (int head = 0; head < shape.kvHeads(); head++) {
      int looked = survivors(queries, head);
      float[] promised = shares.of(fine(), head, queries.all(head), slots, looked);
      int selected = above(promised, looked);
      int members = read(head, selected, from, to, budget, picks[head]);
      bytes += (looked + (long) coarseClusters()) * fine().centroids().rowBytes();
      bytes += (long) members * Integer.BYTES;
    }
    return bytes;
  }

  /** Fills {@link #slots} with the fine clusters to look at. */
  private int survivors(StepQueries queries, int head) {
    int count = clusters();
    if (slots.length < count) {
      slots = new int[count];
      chosen = new int[count];
      promises = new float[count];
    }
    if (coarse.isEmpty()) {
      for (int c = 0; c < count; c++) {
        slots[c] = c;
      }
      return count;
    }
    Clusters parents = coarse.orElseThrow();
    for (int c = 0; c < parents.count(); c++) {
      slots[c] = c;
    }
    float[] promised = shares.of(parents, head, queries.all(head), slots, parents.count());
    boolean[] survives = new boolean[parents.count()];
    for (int c = 0; c < parents.count(); c++) {
      survives[c] = promised[c] > coarseThreshold;
    }
    int kept = 0;
    for (int c = 0; c < count; c++) {
      if (survives[parents.label(head, c)]) {
        slots[kept++] = c;
      }
    }
    return kept;
  }

  /** Fills {@link #chosen} with the clusters whose promise is above the threshold. */
  private int above(float[] promised, int looked) {
    int count = 0;
    for (int i = 0; i < looked; i++) {
      if (promised[i] > threshold) {
        promises[count] = promised[i];
        chosen[count++] = slots[i];
      }
    }
    return count;
  }

  private int read(int head, int count, int from, int to, int budget, BitSet picks) {
    Clusters clusters = fine();
    long total = 0;
    for (int i = 0; i < count; i++) {
      total += clusters.size(head, chosen[i]);
    }
    int[] order = total > budget ? byPromise(count) : chosen;
    int left = budget;
    int members = 0;
    for (int i = 0; i < count && left > 0; i++) {
      int end = clusters.start(head, order[i]) + clusters.size(head, order[i]);
      for (int place = clusters.start(head, order[i]); place < end && left > 0; place++) {
        int key = clusters.member(head, place);
        members++;
        if (key >= from && key < to) {
          picks.set(key);
          left--;
        }
      }
    }
    return members;
  }

  /** The chosen clusters by descending promise, lower ones first among equals. */
  private int[] byPromise(int count) {
    long[] order = new long[count];
    for (int i = 0; i < count; i++) {
      // Promises are not negative, so that their bits order them.
      order[i] = ((long) ~Float.floatToRawIntBits(promises[i]) << 32) | chosen[i];
    }
    Arrays.sort(order);
    return Arrays.stream(order).mapToInt(packed -> (int) packed).toArray();
  }

  /** The share of each key of a cluster, for tests and calibration. */
  float[] promises(StepQueries queries, int head) {
    int[] all = new int[clusters()];
    Arrays.setAll(all, c -> c);
    return Arrays.copyOf(shares.of(fine(), head, queries.all(head), all, all.length), all.length);
  }

  @Override
  public long bytes() {
    return fine.map(Clusters::bytes).orElse(0L) + coarse.map(Clusters::bytes).orElse(0L);
  }

  @Override
  public void write(IndexOutput out) {
    out.real(threshold);
    out.real(coarseThreshold);
    out.integer(coarse.isPresent() ? 2 : 1);
    fine().write(out);
    coarse.ifPresent(clusters -> clusters.write(out));
  }

  @Override
  public void restore(IndexInput in) {
    float first = in.real("the threshold");
    float second = in.real("the coarse threshold");
    int levels = in.integer(1, 2, "the number of levels");
    Clusters below = Clusters.read(in, shape.kvHeads(), shape.keyDim());
    Optional<Clusters> above =
        levels == 1
            ? Optional.empty()
            : Optional.of(Clusters.read(in, shape.kvHeads(), shape.keyDim()));
    if (above.isPresent() && above.orElseThrow().keys() == below.count()) {
      above.orElseThrow().weighedBy(below);
    }
    if (above.isPresent() && above.orElseThrow().keys() != below.count()) {
      throw new DamagedIndexException(
          "the index is damaged: %d coarse labels for %d clusters"
              .formatted(above.orElseThrow().keys(), below.count()));
    }
    set(below, first, above, second);
  }
}
