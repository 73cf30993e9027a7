package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.StoredRows;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * K-means over the directions of vectors: Euclidean distance between unit vectors, first centres by
 * k-means++ (Arthur and Vassilvitskii, 2007), then Lloyd's rounds until no label changes. The same
 * seed gives the same labels on one backend; equal vectors get equal labels; a centre that loses
 * all its vectors stays where it was.
 */
final class SphericalKMeans {
  private static final int BATCH = 64;

  private final long seed;
  private final int rounds;
  private final DotKernel kernel;

  /**
   * @param seed of the choice of first centres
   * @param rounds most rounds
   */
  SphericalKMeans(long seed, int rounds, Backend backend) {
    this.seed = seed;
    this.rounds = Checks.positive(rounds, "rounds");
    this.kernel = DotKernel.of(backend);
  }

  /**
   * Labels {@code count} vectors of {@code dim} floats with {@code clusters} labels from 0.
   *
   * @param clusters at least 1, at most {@code count}
   */
  int[] cluster(float[] vectors, int count, int dim, int clusters) {
    Checks.inRange(clusters, 1, Math.max(1, count), "clusters");
    float[] unit = directions(vectors, count, dim);
    SummaryRows centres = new SummaryRows(1, dim, Dtype.F32);
    centres.resize(clusters);
    seedCentres(unit, count, dim, centres);
    int[] labels = new int[count];
    Arrays.fill(labels, -1);
    for (int round = 0; round < rounds; round++) {
      if (assign(unit, count, dim, centres, labels) == 0) {
        break;
      }
      move(unit, dim, centres, labels);
    }
    return labels;
  }

  private static float[] directions(float[] vectors, int count, int dim) {
    float[] unit = Arrays.copyOf(vectors, count * dim);
    for (int v = 0; v < count; v++) {
      double squares = 0;
      for (int i = v * dim; i < (v + 1) * dim; i++) {
        squares += (double) unit[i] * unit[i];
      }
      float norm = (float) Math.sqrt(squares);
      for (int i = v * dim; norm > 0 && i < (v + 1) * dim; i++) {
        unit[i] /= norm;
      }
    }
    return unit;
  }

  /** Each next centre is a vector drawn with the square of its distance to the nearest so far. */
  private void seedCentres(float[] unit, int count, int dim, SummaryRows centres) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] distance = new double[count];
    Arrays.fill(distance, Double.MAX_VALUE);
    int chosen = count == 0 ? 0 : random.nextInt(count);
    for (int c = 0; c < centres.rows() && count > 0; c++) {
      centres.set(0, c, unit, chosen * dim);
      double total = 0;
      for (int v = 0; v < count; v++) {
        double squares = 0;
        for (int i = 0; i < dim; i++) {
          double away = unit[v * dim + i] - unit[chosen * dim + i];
          squares += away * away;
        }
        distance[v] = Math.min(distance[v], squares);
        total += distance[v];
      }
      double draw = random.nextDouble() * total;
      chosen = count - 1;
      for (int v = 0; v < count; v++) {
        draw -= distance[v];
        if (draw < 0) {
          chosen = v;
          break;
        }
      }
    }
  }

  /** Gives each vector the label of its nearest centre, the lower of equals; counts changes. */
  private int assign(float[] unit, int count, int dim, SummaryRows centres, int[] labels) {
    int clusters = centres.rows();
    float[] half = new float[clusters];
    float[] centre = new float[dim];
    for (int c = 0; c < clusters; c++) {
      centres.get(0, c, centre, 0);
      double squares = 0;
      for (float x : centre) {
        squares += (double) x * x;
      }
      half[c] = (float) (squares / 2);
    }
    StoredRows rows = centres.view(new StoredRows(), 0, 0, clusters);
    float[] dots = new float[BATCH * clusters];
    int changes = 0;
    for (int first = 0; first < count; first += BATCH) {
      int n = Math.min(BATCH, count - first);
      FloatRows batch = new FloatRows().at(unit, first * dim, dim, n);
      kernel.multiply(rows, batch, new FloatRows().at(dots, 0, clusters, n));
      for (int v = 0; v < n; v++) {
        int best = 0;
        for (int c = 1; c < clusters; c++) {
          if (dots[v * clusters + c] - half[c] > dots[v * clusters + best] - half[best]) {
            best = c;
          }
        }
        changes += labels[first + v] == best ? 0 : 1;
        labels[first + v] = best;
      }
    }
    return changes;
  }

  private static void move(float[] unit, int dim, SummaryRows centres, int[] labels) {
    int clusters = centres.rows();
    double[] sums = new double[clusters * dim];
    int[] sizes = new int[clusters];
    for (int v = 0; v < labels.length; v++) {
      sizes[labels[v]]++;
      for (int i = 0; i < dim; i++) {
        sums[labels[v] * dim + i] += unit[v * dim + i];
      }
    }
    float[] centre = new float[dim];
    for (int c = 0; c < clusters; c++) {
      if (sizes[c] > 0) {
        for (int i = 0; i < dim; i++) {
          centre[i] = (float) (sums[c * dim + i] / sizes[c]);
        }
        centres.set(0, c, centre, 0);
      }
    }
  }
}
