package dev.varve.attention.index;

import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.StoredRows;

/**
 * The attention that a query would pay to each key of a cluster if all keys of a cluster were its
 * centroid: {@code p(i) = exp(x(i)) / sum over j of size(j) exp(x(j))}, averaged over the queries
 * of the step and of the group. A sum over all keys is 1. Owns scratch memory, for one thread.
 */
final class ClusterShares {
  private final LayerShape shape;
  private final DotKernel kernel;
  private final SoftmaxKernel softmax;
  private final StoredRows view = new StoredRows();
  private final FloatRows part = new FloatRows();
  private float[] logits = {};
  private float[] shares = {};

  ClusterShares(LayerShape shape, Backend backend) {
    this.shape = shape;
    this.kernel = DotKernel.of(backend);
    this.softmax = SoftmaxKernel.of(backend);
  }

  /**
   * Shares of the clusters {@code slots[0, count)} alone, in their order; runs of neighbours are
   * read in one go. An empty cluster has the share NaN, which is above no threshold.
   *
   * @return valid until the next call
   */
  float[] of(Clusters clusters, int head, FloatRows queries, int[] slots, int count) {
    int rows = queries.rows();
    if (logits.length < rows * count) {
      logits = new float[rows * count];
    }
    if (shares.length < count) {
      shares = new float[count];
    }
    for (int from = 0; from < count; ) {
      int to = from + 1;
      while (to < count && slots[to] == slots[to - 1] + 1) {
        to++;
      }
      kernel.multiply(
          clusters.centroids().view(view, head, slots[from], to - from),
          queries,
          part.at(logits, from, count, rows));
      from = to;
    }
    for (int i = 0; i < count; i++) {
      // The logarithm of the size, so that the softmax gives the share of the whole cluster.
      shares[i] = (float) Math.log(clusters.weight(head, slots[i]));
    }
    for (int row = 0; row < rows; row++) {
      weigh(row * count, count);
      softmax.softmax(logits, row * count, count, 1f, 0f);
    }
    for (int i = 0; i < count; i++) {
      shares[i] = 0;
    }
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < count; i++) {
        shares[i] += logits[row * count + i];
      }
    }
    for (int i = 0; i < count; i++) {
      shares[i] /= (float) rows * clusters.weight(head, slots[i]);
    }
    return shares;
  }

  private void weigh(int at, int count) {
    float scale = shape.scale();
    float cap = shape.logitSoftCap();
    for (int i = 0; i < count; i++) {
      float logit = logits[at + i] * scale;
      logits[at + i] = (cap == 0 ? logit : cap * (float) Math.tanh(logit / cap)) + shares[i];
    }
  }
}
