package dev.varve.eviction.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.Layers;
import dev.varve.eviction.keep.HeadKeep;
import dev.varve.eviction.keep.KeptRows;
import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MergersTest {
  private static final int DIM = 8;
  private static final LayerShape SHAPE = Layers.shape(1, 1, DIM, 0.35f);
  private final Workspace workspace = new Workspace(Backend.SCALAR);

  @Test
  void compensationOfOneTokenIsThatToken() {
    SplittableRandom random = new SplittableRandom(Layers.seed("compensationOfOne"));
    Observation layer = random(random, 20);
    assertLossless(layer, new CompensationMerger(true), without(20, 7), 1e-5);
  }

  @Test
  void equalTokensMergeWithoutLoss() {
    SplittableRandom random = new SplittableRandom(Layers.seed("equalTokens"));
    Observation layer = equalInTheMiddle(random);
    for (Merger merger : lossless()) {
      int[] kept = merger.extraSlots() > 0 ? without(20, 5, 6, 7, 8) : without(20, 6, 7);
      assertLossless(layer, merger, kept, 1e-5);
    }
  }

  static List<Merger> lossless() {
    return List.of(
        new CompensationMerger(true),
        new DenseZoneMerger(1, 1),
        new DenseZoneMerger(2, 1),
        new EmsMerger(1.0, 2, true),
        new EmsMerger(1.0, 2, false),
        new NearestPositionMerger(true));
  }

  @Test
  void compensationNeverOverestimatesWhatWasDropped() {
    SplittableRandom random = new SplittableRandom(Layers.seed("jensen"));
    for (int round = 0; round < 50; round++) {
      Observation layer = random(random, 30);
      int[] kept = without(30, IntStream.range(4, 20).toArray());
      MergedSlot slot = merge(layer, new CompensationMerger(true), kept).getFirst();
      float[] keys = workspace.head(layer.keys(), 0);
      float[] query = Layers.floats(random, DIM);
      double dropped = 0;
      for (int token = 4; token < 20; token++) {
        dropped += Math.exp(dot(query, keys, token));
      }
      assertThat(slot.weight() * Math.exp(dot(query, slot.key(), 0)))
          .isLessThanOrEqualTo(dropped * (1 + 1e-6));
    }
  }

  @Test
  void foldingOneByOneIsTheAverageOfAll() {
    SplittableRandom random = new SplittableRandom(Layers.seed("folding"));
    Observation layer = random(random, 40);
    float[] keys = workspace.head(layer.keys(), 0);
    float[] values = workspace.head(layer.values(), 0);
    CompensationToken token = new CompensationToken(DIM, DIM);
    for (int i = 3; i < 33; i++) {
      token.fold(keys, i, values, i);
    }
    MergedSlot once =
        merge(layer, new CompensationMerger(true), without(40, IntStream.range(3, 33).toArray()))
            .getFirst();

    assertThat(token.slot(true).key()).containsExactly(once.key(), within(1e-6f));
    assertThat(token.slot(true).value()).containsExactly(once.value(), within(1e-6f));
    assertThat(token.count()).isEqualTo(30);
    assertThat(once.logitBias()).isCloseTo((float) Math.log(30), within(1e-6f));
  }

  @ParameterizedTest
  @MethodSource("lossless")
  void countsWhatItTakesUpExactlyOnce(Merger merger) {
    SplittableRandom random = new SplittableRandom(Layers.seed("counts"));
    Observation layer = random(random, 30);
    int[] kept = without(30, 2, 3, 9, 14, 15, 16, 25);
    if (merger instanceof EmsMerger) {
      merger = new EmsMerger(-1, 2, true); // merges everything, however unlike
    }
    int extra = merger.extraSlots();
    int total = 0;
    for (MergedSlot slot : merge(layer, merger, kept)) {
      total += slot.extra() ? slot.count() : slot.count() - 1;
      assertThat(slot.extra()).isEqualTo(extra > 0);
    }
    assertThat(total).isEqualTo(7);
  }

  @Test
  void nearestPositionPrefersTheEarlierAnchorAndAverages() {
    float[] rows = {0, 2, 4, 6, 8, 10};
    Observation layer = Layers.single(rows, rows);
    HeadEviction eviction = HeadEviction.of(layer, 0, new int[] {0, 2, 5}, 6, new float[6]);

    List<MergedSlot> slots = new NearestPositionMerger(false).merge(eviction, workspace);

    assertThat(slots).hasSize(3);
    assertThat(slots.get(0).key()).containsExactly(1); // 0 and 1
    assertThat(slots.get(1).key()).containsExactly(5); // 2 and 3
    assertThat(slots.get(2).value()).containsExactly(9); // 5 and 4
    assertThat(slots).allSatisfy(slot -> assertThat(slot.weight()).isEqualTo(1f));
    assertThat(slots).extracting(MergedSlot::token).containsExactly(0, 2, 5);
  }

  @Test
  void emsSendsUnlikeTokensToTheZeroClass() {
    float[] keys = {1, 0, 0, 1, 1, 0.1f, 5, 5};
    Observation layer = Layers.of(0, Layers.shape(1, 1, 2, 1f), 4, keys, keys, new float[0]);
    HeadEviction eviction =
        HeadEviction.of(layer, 0, new int[] {0, 3}, 4, new float[] {3, 1, 1, 1});

    List<MergedSlot> slots = new EmsMerger(0.9, 1, false).merge(eviction, workspace);

    assertThat(slots)
        .singleElement()
        .satisfies(slot -> {
          assertThat(slot.token()).isZero();
          assertThat(slot.key()).containsExactly(1, 0);
          assertThat(slot.value()).containsExactly(new float[] {1, 0.025f}, within(1e-6f));
          assertThat(slot.count()).isEqualTo(2);
        });
    assertThat(new EmsMerger(2, 1, false).merge(eviction, workspace)).isEmpty();
  }

  @Test
  void valueMergingLeavesKeysAndWeightsByLikenessAndLength() {
    float[] keys = {1, 0, 2, 0, 0, 1};
    float[] values = {3, 0, 0, 1, 5, 5};
    Observation layer = Layers.of(0, Layers.shape(1, 1, 2, 1f), 3, keys, values, new float[0]);
    HeadEviction eviction = HeadEviction.of(layer, 0, new int[] {0}, 3, new float[3]);

    List<MergedSlot> slots = new ValueMerger(0.5).merge(eviction, workspace);

    // Token 1 has cosine 1 and weighs 1 / (1 + 3); token 2 has cosine 0.
    assertThat(slots)
        .singleElement()
        .satisfies(slot -> {
          assertThat(slot.key()).containsExactly(1, 0);
          assertThat(slot.value()).containsExactly(new float[] {2.4f, 0.2f}, within(1e-6f));
          assertThat(slot.weight()).isEqualTo(1f);
        });
  }

  @Test
  void theDenseZoneHoldsNearlyEqualRunsInOrder() {
    float[] rows = {0, 1, 2, 3, 4, 5, 6};
    Observation layer = Layers.single(rows, rows);
    HeadEviction eviction = HeadEviction.of(layer, 0, new int[] {3, 6}, 7, new float[7]);

    List<MergedSlot> slots = new DenseZoneMerger(2, 0.5).merge(eviction, workspace);

    assertThat(slots.get(0).key()).containsExactly(0.5f);
    assertThat(slots.get(1).key()).containsExactly(new float[] {11 / 3f}, within(1e-6f));
    assertThat(slots.get(1).weight()).isCloseTo((float) Math.sqrt(3), within(1e-6f));
  }

  private List<MergedSlot> merge(Observation layer, Merger merger, int[] kept) {
    float[] scores = new float[layer.tokens()];
    Arrays.fill(scores, 1f);
    return merger.merge(HeadEviction.of(layer, 0, kept, layer.tokens(), scores), workspace);
  }

  private void assertLossless(Observation layer, Merger merger, int[] kept, double error) {
    HeadKeep keep = new HeadKeep(kept, kept, merge(layer, merger, kept));
    KeptRows rows = KeptRows.gather(layer, 0, keep, false, workspace);
    HeadKeep all = new HeadKeep(without(layer.tokens()), without(layer.tokens()), List.of());
    float[] query = Layers.floats(new SplittableRandom(4), DIM);
    double[] expected = attend(KeptRows.gather(layer, 0, all, false, workspace), query);
    double[] actual = attend(rows, query);
    for (int c = 0; c < DIM; c++) {
      assertThat(actual[c]).as("%s", merger).isCloseTo(expected[c], within(error));
    }
  }

  private static double[] attend(KeptRows rows, float[] query) {
    double sum = 0;
    double[] out = new double[DIM];
    for (int i = 0; i < rows.positions().length; i++) {
      double weight = rows.weights()[i] * Math.exp(dot(query, rows.keys(), i));
      sum += weight;
      for (int c = 0; c < DIM; c++) {
        out[c] += weight * rows.values()[i * DIM + c];
      }
    }
    for (int c = 0; c < DIM; c++) {
      out[c] /= sum;
    }
    return out;
  }

  private static double dot(float[] query, float[] keys, int row) {
    double sum = 0;
    for (int c = 0; c < DIM; c++) {
      sum += query[c] * keys[row * DIM + c];
    }
    return sum * SHAPE.scale();
  }

  private static int[] without(int tokens, int... dropped) {
    return IntStream.range(0, tokens)
        .filter(token -> Arrays.binarySearch(dropped, token) < 0)
        .toArray();
  }

  private static Observation random(SplittableRandom random, int tokens) {
    return Layers.of(
        0,
        SHAPE,
        tokens,
        Layers.floats(random, tokens * DIM),
        Layers.floats(random, tokens * DIM),
        new float[0]);
  }

  /** Twenty tokens of which 5 to 8 are the same. */
  private static Observation equalInTheMiddle(SplittableRandom random) {
    float[] keys = Layers.floats(random, 20 * DIM);
    float[] values = Layers.floats(random, 20 * DIM);
    for (int token = 6; token <= 8; token++) {
      System.arraycopy(keys, 5 * DIM, keys, token * DIM, DIM);
      System.arraycopy(values, 5 * DIM, values, token * DIM, DIM);
    }
    return Layers.of(0, SHAPE, 20, keys, values, new float[0]);
  }
}
