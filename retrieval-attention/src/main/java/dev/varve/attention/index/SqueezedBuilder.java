package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.StoredRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The offline part of Squeezed Attention (Hooper et al., 2025): clusters the keys of a fixed prefix
 * by direction, for each KV head apart, but for the window whose queries are observed; and finds
 * the one threshold that leaves the wanted share of all keys of all layers and heads out for these
 * queries. Optionally clusters the centroids once more, with a threshold of their own.
 */
public final class SqueezedBuilder {

  /**
   * What to build.
   *
   * @param percent fine clusters in hundredths of the keys
   * @param coarsePercent coarse clusters in hundredths of the keys; 0 for one level
   * @param sparsity share of the keys that the fine threshold leaves out
   * @param coarseSparsity share that the coarse threshold leaves out
   * @param seed of the clustering
   * @param rounds most rounds of the clustering
   */
  public record Settings(
      double percent,
      double coarsePercent,
      double sparsity,
      double coarseSparsity,
      long seed,
      int rounds) {
    public Settings {
      require(percent > 0 && percent <= 100, "percent above 0 and at most 100", percent);
      require(
          coarsePercent >= 0 && coarsePercent < percent,
          "coarse from 0 and below percent",
          coarsePercent);
      require(sparsity >= 0 && sparsity <= 1, "sparsity from 0 to 1", sparsity);
      require(
          coarseSparsity >= 0 && coarseSparsity <= 1, "coarsesparsity from 0 to 1", coarseSparsity);
      Checks.positive(rounds, "rounds");
    }

    private static void require(boolean holds, String rule, double value) {
      if (!holds) {
        throw new IllegalArgumentException("squeezed needs " + rule + ": " + value);
      }
    }
  }

  private final LayerShape shape;
  private final Settings settings;
  private final Backend backend;
  private final SphericalKMeans means;

  /** Builds for layers of that shape. */
  public SqueezedBuilder(LayerShape shape, Settings settings, Backend backend) {
    this.shape = shape;
    this.settings = settings;
    this.backend = backend;
    this.means = new SphericalKMeans(settings.seed(), settings.rounds(), backend);
  }

  /** Clusters of one layer, before the thresholds are known. */
  private record Built(Clusters fine, Optional<Clusters> coarse, PrefixLayer layer) {}

  /**
   * Builds the indices of all layers.
   *
   * @throws IllegalArgumentException if nobody was observed, or nothing is left to cluster
   */
  public List<CentroidIndex> build(List<PrefixLayer> layers) {
    List<Built> built = new ArrayList<>();
    WeightedQuantile fineScores = new WeightedQuantile();
    WeightedQuantile coarseScores = new WeightedQuantile();
    for (PrefixLayer layer : layers) {
      Built clusters = cluster(layer);
      observe(clusters.fine(), layer, fineScores);
      clusters.coarse().ifPresent(coarse -> observe(coarse, layer, coarseScores));
      built.add(clusters);
    }
    float threshold = fineScores.at(settings.sparsity());
    float coarseThreshold = coarseScores.at(settings.coarseSparsity());
    List<CentroidIndex> indices = new ArrayList<>();
    for (Built clusters : built) {
      CentroidIndex index = new CentroidIndex(shape, backend);
      index.set(clusters.fine(), threshold, clusters.coarse(), coarseThreshold);
      indices.add(index);
    }
    return indices;
  }

  private Built cluster(PrefixLayer layer) {
    KeySpan span = layer.keys().require(shape.kvHeads(), shape.keyDim());
    int keys = layer.clustered();
    if (layer.observed() < 1 || keys < 1) {
      throw new IllegalArgumentException(
          "squeezed needs a prefix longer than its observed window of at least one query: %d of %d"
              .formatted(layer.observed(), span.tokens()));
    }
    int dim = shape.keyDim();
    int count = clusters(settings.percent(), keys);
    float[][] vectors = new float[shape.kvHeads()][];
    int[][] labels = new int[shape.kvHeads()][];
    for (int head = 0; head < shape.kvHeads(); head++) {
      vectors[head] = floats(span, head, keys);
      labels[head] = means.cluster(vectors[head], keys, dim, count);
    }
    Clusters fine = Clusters.around(labels, count, head -> vectors[head], dim);
    if (settings.coarsePercent() == 0) {
      return new Built(fine, Optional.empty(), layer);
    }
    int coarseCount = Math.min(count, clusters(settings.coarsePercent(), keys));
    float[][] centroids = new float[shape.kvHeads()][count * dim];
    int[][] parents = new int[shape.kvHeads()][];
    for (int head = 0; head < shape.kvHeads(); head++) {
      centroids(fine, head, centroids[head]);
      parents[head] = means.cluster(centroids[head], count, dim, coarseCount);
      neighbours(labels[head], parents[head]);
    }
    Clusters ordered = Clusters.around(labels, count, head -> vectors[head], dim);
    for (int head = 0; head < shape.kvHeads(); head++) {
      centroids(ordered, head, centroids[head]);
    }
    Clusters coarse =
        Clusters.around(parents, coarseCount, head -> centroids[head], dim).weighedBy(ordered);
    return new Built(ordered, Optional.of(coarse), layer);
  }

  private static int clusters(double percent, int keys) {
    return Math.max(1, (int) Math.floor(percent / 100 * keys));
  }

  private static void centroids(Clusters clusters, int head, float[] target) {
    int dim = clusters.centroids().columns();
    for (int c = 0; c < clusters.count(); c++) {
      clusters.centroids().get(head, c, target, c * dim);
    }
  }

  /** Numbers fine clusters anew, so that those of one parent follow each other. */
  private static void neighbours(int[] labels, int[] parents) {
    int[] order =
        IntStream.range(0, parents.length)
            .boxed()
            .sorted((a, b) -> Integer.compare(parents[a], parents[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] renamed = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      renamed[order[i]] = i;
    }
    Arrays.setAll(labels, key -> renamed[labels[key]]);
    Arrays.sort(parents);
  }

  private float[] floats(KeySpan span, int head, int keys) {
    DtypeKernel kernel = DtypeKernel.of(backend, span.dtype());
    StoredRows view = new StoredRows();
    float[] floats = new float[Math.multiplyExact(keys, span.dim())];
    span.point(view, head, 0, keys);
    for (int key = 0; key < keys; key++) {
      kernel.load(view.bytes(), view.offset(key), floats, key * span.dim(), span.dim());
    }
    return floats;
  }

  private void observe(Clusters clusters, PrefixLayer layer, WeightedQuantile scores) {
    StepQueries queries =
        new StepQueries(shape).set(layer.queries(), 0, layer.clustered(), layer.observed());
    ClusterShares shares = new ClusterShares(shape, backend);
    int[] all = IntStream.range(0, clusters.count()).toArray();
    for (int head = 0; head < shape.kvHeads(); head++) {
      float[] promises = shares.of(clusters, head, queries.all(head), all, all.length);
      for (int c = 0; c < all.length; c++) {
        if (clusters.weight(head, c) > 0) {
          scores.add(promises[c], clusters.weight(head, c));
        }
      }
    }
  }
}
