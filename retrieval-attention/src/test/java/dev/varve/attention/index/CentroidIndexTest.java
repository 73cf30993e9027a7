package dev.varve.attention.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CentroidIndexTest {
  private static final int OBSERVED = 20;
  private final long seed = System.nanoTime();
  private final SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 16, 520);
  private final SyntheticKeys otherLayer = new SyntheticKeys(seed + 1, 4, 2, 16, 520);

  private static SqueezedBuilder.Settings settings(double percent, double coarse, double sparsity) {
    return new SqueezedBuilder.Settings(percent, coarse, sparsity, 0.5, 3, 100);
  }

  private List<CentroidIndex> build(SqueezedBuilder.Settings settings) {
    return new SqueezedBuilder(keys.shape, settings, Backend.VECTOR)
        .build(List.of(layer(keys), layer(otherLayer)));
  }

  private static PrefixLayer layer(SyntheticKeys keys) {
    return new PrefixLayer(keys.span(), keys.gaussian(OBSERVED * 4 * 16), OBSERVED);
  }

  private static BitSet[] picks(CentroidIndex index, StepQueries queries, int budget) {
    BitSet[] picks = {new BitSet(), new BitSet()};
    index.lookup(queries, 0, index.tokens(), budget, picks);
    return picks;
  }

  /**
   * Keys 1 and 3 in cluster 0, key -2 in cluster 1, of one dimension. For q = ln 2: x = 2 ln 2 and
   * -2 ln 2, exp 4 and 1/4, denominator 2 * 4 + 1/4, so 16/33 for each key of cluster 0 and 1/33.
   */
  @ParameterizedTest
  @EnumSource(Backend.class)
  void promisesSharesAsReckonedByHand(Backend backend) {
    SyntheticKeys three = new SyntheticKeys(1, 1, 1, 1, 3);
    Clusters clusters =
        Clusters.around(new int[][] {{0, 0, 1}}, 3, head -> new float[] {1, 3, -2}, 1);
    CentroidIndex index = new CentroidIndex(three.shape, backend);
    index.set(clusters, 0.1f, Optional.empty(), 0);
    StepQueries queries = three.queries((float) Math.log(2));
    float[] promises = index.promises(queries, 0);
    assertThat(promises[0]).isCloseTo(16 / 33f, within(1e-6f));
    assertThat(promises[1]).isCloseTo(1 / 33f, within(1e-6f));
    assertThat(promises[2]).as("an empty cluster").isNaN();
    BitSet[] picks = {new BitSet()};
    index.lookup(queries, 0, 3, 10, picks);
    assertThat(picks[0].stream()).containsExactly(0, 1);
    index.setThresholds(-1, 0);
    index.lookup(queries, 0, 3, 10, picks);
    assertThat(picks[0].stream()).containsExactly(0, 1, 2);
  }

  @Test
  void labelsEveryKeyOnceAndTakesTheMeanOfItsMembers() {
    CentroidIndex index = build(settings(5, 0, 0.9)).getFirst();
    Clusters clusters = index.fine();
    assertThat(clusters.count()).isEqualTo(25);
    assertThat(index.tokens()).isEqualTo(500);
    for (int head = 0; head < 2; head++) {
      int sizes = 0;
      for (int c = 0; c < 25; c++) {
        int size = clusters.size(head, c);
        sizes += size;
        double[] mean = new double[16];
        for (int i = 0; i < size; i++) {
          int key = clusters.member(head, clusters.start(head, c) + i);
          assertThat(clusters.label(head, key)).isEqualTo(c);
          for (int d = 0; d < 16; d++) {
            mean[d] += keys.key(head, key)[d] / size;
          }
        }
        float[] centroid = new float[16];
        clusters.centroids().get(head, c, centroid, 0);
        for (int d = 0; d < 16; d++) {
          assertThat((double) centroid[d]).as("seed %d", seed).isCloseTo(mean[d], within(2e-3));
        }
      }
      assertThat(sizes).isEqualTo(500);
    }
  }

  @Test
  void promisesAddUpToOneOverAllKeys() {
    CentroidIndex index = build(settings(5, 0, 0.9)).getFirst();
    for (int head = 0; head < 2; head++) {
      float[] promises = index.promises(keys.queries(keys.query()), head);
      double sum = 0;
      for (int c = 0; c < promises.length; c++) {
        sum += index.fine().size(head, c) * (double) promises[c];
      }
      assertThat(sum).as("seed %d", seed).isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void promisesTheExactAttentionWhenEveryKeyIsItsOwnCluster() {
    CentroidIndex index = build(settings(100, 0, 0.9)).getFirst();
    float[] query = keys.query();
    float[] promises = index.promises(keys.queries(query), 1);
    double[] exact = new double[500];
    for (int h = 2; h < 4; h++) {
      double[] shares = new double[500];
      double sum = 0;
      for (int t = 0; t < 500; t++) {
        shares[t] = Math.exp(SyntheticKeys.dot(query, h * 16, keys.key(1, t)) / 4);
        sum += shares[t];
      }
      for (int t = 0; t < 500; t++) {
        exact[t] += shares[t] / sum / 2;
      }
    }
    for (int t = 0; t < 500; t++) {
      float promised = promises[index.fine().label(1, t)];
      assertThat((double) promised)
          .as("seed %d", seed)
          .isCloseTo(exact[t], within(1e-3 * exact[t] + 1e-5));
    }
  }

  @Test
  void readsLessTheHigherTheThresholdAndEverythingBelowAll() {
    CentroidIndex index = build(settings(5, 0, 0.9)).getFirst();
    StepQueries queries = keys.queries(keys.query());
    BitSet more = new BitSet();
    more.set(0, 500);
    for (float threshold : new float[] {-1, 0, 0.001f, 0.002f, 0.004f, 0.02f, 1}) {
      index.setThresholds(threshold, 0);
      BitSet now = picks(index, queries, 500)[0];
      BitSet left = (BitSet) now.clone();
      left.andNot(more);
      assertThat(left.isEmpty()).as("seed %d threshold %s", seed, threshold).isTrue();
      assertThat(now.cardinality()).isLessThanOrEqualTo(more.cardinality());
      if (threshold <= 0) {
        assertThat(now.cardinality()).isEqualTo(500);
      }
      more = now;
    }
    assertThat(more.isEmpty()).isTrue();
    assertThatThrownBy(() -> index.setThresholds(Float.NaN, 0))
        .hasMessageContaining("numbers: NaN");
  }

  @Test
  void leavesOutTheWantedShareForTheQueriesThatItObserved() {
    PrefixLayer first = layer(keys);
    PrefixLayer second = layer(otherLayer);
    List<CentroidIndex> indices =
        new SqueezedBuilder(keys.shape, settings(10, 0, 0.8), Backend.VECTOR)
            .build(List.of(first, second));
    int read = 0;
    for (int i = 0; i < 2; i++) {
      PrefixLayer layer = i == 0 ? first : second;
      StepQueries queries = new StepQueries(keys.shape).set(layer.queries(), 0, 500, OBSERVED);
      for (BitSet set : picks(indices.get(i), queries, 500)) {
        read += set.cardinality();
      }
    }
    assertThat(read / 2000.0).as("seed %d", seed).isBetween(0.15, 0.2);
  }

  @Test
  void readsASubsetOfEachLevelWithCoarseClusters() {
    CentroidIndex index = build(settings(20, 4, 0.7)).getFirst();
    assertThat(index.clusters()).isEqualTo(100);
    assertThat(index.coarseClusters()).isEqualTo(20);
    for (int step = 0; step < 10; step++) {
      StepQueries queries = keys.queries(keys.query());
      BitSet both = picks(index, queries, 500)[1];
      float fine = index.threshold();
      index.setThresholds(-1, index.coarseThreshold());
      BitSet coarseOnly = picks(index, queries, 500)[1];
      index.setThresholds(fine, index.coarseThreshold());
      assertThat(both.cardinality()).isLessThanOrEqualTo(coarseOnly.cardinality());
      both.andNot(coarseOnly);
      assertThat(both.isEmpty()).as("seed %d", seed).isTrue();
    }
    float fine = index.threshold();
    index.setThresholds(-1, -1);
    assertThat(picks(index, keys.queries(keys.query()), 500)[0].cardinality()).isEqualTo(500);
    index.setThresholds(fine, 2);
    assertThat(picks(index, keys.queries(keys.query()), 500)[0].isEmpty()).isTrue();
  }

  @Test
  void keepsTheBestClustersUnderACap() {
    CentroidIndex index = build(settings(10, 0, 0.5)).getFirst();
    StepQueries queries = keys.queries(keys.query());
    float[] promises = index.promises(queries, 0);
    BitSet picks = picks(index, queries, 30)[0];
    assertThat(picks.cardinality()).isEqualTo(30);
    float worst =
        (float) picks.stream().mapToDouble(t -> promises[index.fine().label(0, t)]).min().orElse(0);
    for (int c = 0; c < promises.length; c++) {
      if (promises[c] > worst) {
        for (int i = 0; i < index.fine().size(0, c); i++) {
          int member = index.fine().member(0, index.fine().start(0, c) + i);
          assertThat(picks.get(member)).as("seed %d", seed).isTrue();
        }
      }
    }
  }

  @Test
  void givesEqualKeysEqualLabelsAndTheSameSeedTheSameClusters() {
    for (int t = 100; t < 120; t++) {
      keys.set(0, t, keys.key(0, 7));
    }
    Clusters one = build(settings(5, 0, 0.9)).getFirst().fine();
    Clusters again = build(settings(5, 0, 0.9)).getFirst().fine();
    for (int t = 0; t < 500; t++) {
      assertThat(again.label(0, t)).isEqualTo(one.label(0, t));
    }
    for (int t = 100; t < 120; t++) {
      assertThat(one.label(0, t)).isEqualTo(one.label(0, 7));
    }
  }

  @Test
  void findsDirectionsThatAreFarApart() {
    float[] vectors = new float[60 * 2];
    for (int v = 0; v < 60; v++) {
      double angle = 2 * Math.PI * (v % 3) / 3 + 0.01 * Math.floorDiv(v, 3);
      vectors[2 * v] = (float) (Math.cos(angle) * (1 + v));
      vectors[2 * v + 1] = (float) (Math.sin(angle) * (1 + v));
    }
    int[] labels = new SphericalKMeans(seed, 100, Backend.VECTOR).cluster(vectors, 60, 2, 3);
    for (int v = 0; v < 60; v++) {
      assertThat(labels[v]).as("seed %d", seed).isEqualTo(labels[v % 3]);
    }
    assertThat(Arrays.stream(labels).distinct()).hasSize(3);
  }

  @Test
  void picksTheSameAfterARestoreWithoutAnyKey() {
    for (double coarse : new double[] {0, 2}) {
      CentroidIndex index = build(settings(10, coarse, 0.8)).getLast();
      IndexOutput out = new IndexOutput();
      index.write(out);
      CentroidIndex restored = new CentroidIndex(keys.shape, Backend.VECTOR);
      IndexInput in = new IndexInput(out.toBytes());
      restored.restore(in);
      in.finish();
      for (int step = 0; step < 5; step++) {
        StepQueries queries = keys.queries(keys.query());
        assertThat(picks(restored, queries, 500)).isEqualTo(picks(index, queries, 500));
      }
    }
  }

  @Test
  void refusesBytesThatAreCutOffAndPrefixesThatAreTooShort() {
    IndexOutput out = new IndexOutput();
    build(settings(2, 1, 0.8)).getFirst().write(out);
    byte[] bytes = out.toBytes();
    for (int length = 0; length < bytes.length; length += 7) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThatThrownBy(
              () -> new CentroidIndex(keys.shape, Backend.SCALAR).restore(new IndexInput(part)))
          .isInstanceOf(DamagedIndexException.class);
    }
    byte[] wrong = bytes.clone();
    wrong[0] = 0;
    wrong[1] = 0;
    wrong[2] = (byte) 0xc0;
    wrong[3] = 0x7f;
    assertThatThrownBy(
            () -> new CentroidIndex(keys.shape, Backend.SCALAR).restore(new IndexInput(wrong)))
        .hasMessage("the index is damaged: the threshold is NaN");
    SyntheticKeys few = new SyntheticKeys(1, 4, 2, 16, 20);
    var builder = new SqueezedBuilder(few.shape, settings(5, 0, 0.9), Backend.SCALAR);
    assertThatThrownBy(() -> builder.build(List.of(layer(few))))
        .hasMessageContaining("longer than its observed window");
    assertThatThrownBy(() -> settings(Double.NaN, 0, 0.5)).hasMessageContaining("percent");
  }
}
