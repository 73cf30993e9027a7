package dev.varve.attention.index;

import dev.varve.store.Dtype;

/**
 * The clusters of one layer's keys, each KV head its own: label of each key, centroid (the mean of
 * the keys as they are, not of their directions) in f16, size, and the members in ascending order.
 */
final class Clusters {
  private final int heads;
  private final int keys;
  private final int count;
  private final int[][] labels;
  private final SummaryRows centroids;
  private final int[][] starts;
  private final int[][] members;
  private final int[][] weights;

  /**
   * Clusters of given labels.
   *
   * @param labels {@code [head][key]}, below {@code count}
   * @param centroids {@code count} rows for each head
   */
  Clusters(int[][] labels, int count, SummaryRows centroids) {
    this.heads = labels.length;
    this.keys = labels[0].length;
    this.count = count;
    this.labels = labels;
    this.centroids = centroids;
    this.starts = new int[heads][count + 1];
    this.members = new int[heads][keys];
    this.weights = new int[heads][count];
    for (int head = 0; head < heads; head++) {
      for (int label : labels[head]) {
        starts[head][label + 1]++;
      }
      for (int c = 0; c < count; c++) {
        starts[head][c + 1] += starts[head][c];
      }
      int[] next = starts[head].clone();
      for (int key = 0; key < keys; key++) {
        members[head][next[labels[head][key]]++] = key;
        weights[head][labels[head][key]]++;
      }
    }
  }

  /** Clusters of those labels around the means of {@code vectors[head]}. */
  static Clusters around(int[][] labels, int count, float[][] vectors, int dim) {
    SummaryRows centroids = new SummaryRows(labels.length, dim, Dtype.F16);
    centroids.resize(count);
    for (int head = 0; head < labels.length; head++) {
      double[] sums = new double[count * dim];
      int[] sizes = new int[count];
      for (int key = 0; key < labels[head].length; key++) {
        int label = labels[head][key];
        sizes[label]++;
        for (int i = 0; i < dim; i++) {
          sums[label * dim + i] += vectors[head][key * dim + i];
        }
      }
      float[] mean = new float[dim];
      for (int c = 0; c < count; c++) {
        for (int i = 0; i < dim; i++) {
          mean[i] = sizes[c] == 0 ? 0 : (float) (sums[c * dim + i] / sizes[c]);
        }
        centroids.set(head, c, mean, 0);
      }
    }
    return new Clusters(labels, count, centroids);
  }

  /** Makes each of these clusters, of the centroids of {@code below}, weigh as many keys. */
  Clusters weighedBy(Clusters below) {
    for (int head = 0; head < heads; head++) {
      for (int c = 0; c < count; c++) {
        weights[head][c] = 0;
        for (int i = starts[head][c]; i < starts[head][c + 1]; i++) {
          weights[head][c] += below.size(head, members[head][i]);
        }
      }
    }
    return this;
  }

  /** The keys that a cluster stands for: its members, or those of its members' clusters. */
  int weight(int head, int cluster) {
    return weights[head][cluster];
  }

  int heads() {
    return heads;
  }

  int keys() {
    return keys;
  }

  int count() {
    return count;
  }

  SummaryRows centroids() {
    return centroids;
  }

  int label(int head, int key) {
    return labels[head][key];
  }

  int size(int head, int cluster) {
    return starts[head][cluster + 1] - starts[head][cluster];
  }

  /** Where the members of a cluster begin in {@link #member}. */
  int start(int head, int cluster) {
    return starts[head][cluster];
  }

  /** The key at a place of the list of members. */
  int member(int head, int place) {
    return members[head][place];
  }

  long bytes() {
    return centroids.bytes() + (long) heads * (2L * keys + count + 1) * Integer.BYTES;
  }

  void write(IndexOutput out) {
    out.integer(keys);
    out.integer(count);
    for (int head = 0; head < heads; head++) {
      out.labels(labels[head], count);
      out.bytes(centroids.head(head));
    }
  }

  static Clusters read(IndexInput in, int heads, int dim) {
    int keys = in.integer(0, Integer.MAX_VALUE, "keys");
    int count = in.integer(1, Math.max(1, keys), "clusters");
    SummaryRows centroids = new SummaryRows(heads, dim, Dtype.F16);
    in.need(heads * (2L * keys + count * centroids.rowBytes()), "the clusters");
    centroids.resize(count);
    int[][] labels = new int[heads][];
    for (int head = 0; head < heads; head++) {
      labels[head] = in.labels(keys, count, "a label");
      in.bytes(centroids.head(head), "the centroids");
    }
    return new Clusters(labels, count, centroids);
  }
}
