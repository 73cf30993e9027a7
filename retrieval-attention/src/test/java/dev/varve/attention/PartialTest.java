package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PartialTest {
  private static final int QUERIES = 3;
  private static final int DIM = 21;

  private static TileCase tile(SplittableRandom random, int rows, float scale) {
    var size = new TileCase.Size(Dtype.F32, rows, 16, DIM, QUERIES);
    return new TileCase(random, size, r -> (float) r.nextGaussian(), scale, 0f);
  }

  /** The partial over rows [from, to) of the tile. */
  private static Partial part(TileCase tile, int from, int to, float shift) {
    Partial partial = new Partial(QUERIES, DIM);
    AttentionKernel.of(Backend.SCALAR)
        .attend(
            new AttentionTile()
                .shape(tile.geometry, tile.scale, 0f)
                .rows(tile.block, 1, tile.firstRow + from, to - from)
                .queries(tile.queries, 0, QUERIES)
                .results(partial.o(), 0, partial.lse(), 0));
    for (int q = 0; q < QUERIES; q++) {
      partial.lse()[q] += shift;
    }
    return partial;
  }

  private static List<Partial> split(SplittableRandom random, TileCase tile, int parts) {
    List<Integer> cuts = new ArrayList<>(List.of(0, tile.rows));
    for (int i = 1; i < parts; i++) {
      cuts.add(random.nextInt(tile.rows + 1));
    }
    Collections.sort(cuts);
    List<Partial> partials = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      partials.add(part(tile, cuts.get(i), cuts.get(i + 1), 0f));
    }
    return partials;
  }

  private static Partial mergeAll(List<Partial> parts) {
    Partial merged = new Partial(QUERIES, DIM);
    parts.forEach(merged::merge);
    return merged;
  }

  private static void assertClose(Partial actual, Partial expected, double tolerance, String when) {
    for (int i = 0; i < expected.o().length; i++) {
      assertThat((double) actual.o()[i]).as(when).isCloseTo(expected.o()[i], within(tolerance));
    }
    for (int q = 0; q < QUERIES; q++) {
      assertThat((double) actual.lse()[q]).as(when).isCloseTo(expected.lse()[q], within(tolerance));
    }
  }

  @Test
  void mergesRandomSplitsIntoTheWholeInAnyOrderAndNesting() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int parts = 1; parts <= 8; parts++) {
      for (int round = 0; round < 5; round++) {
        String when = "seed " + seed + " parts " + parts;
        TileCase tile = tile(random, 1 + random.nextInt(60), 0.5f);
        Partial whole = part(tile, 0, tile.rows, 0f);
        List<Partial> split = split(random, tile, parts);
        assertClose(mergeAll(split), whole, 1e-5, when);
        List<Partial> shuffled = new ArrayList<>(split);
        Collections.shuffle(shuffled, new Random(seed));
        assertClose(mergeAll(shuffled), whole, 1e-5, when + " shuffled");
        int cut = random.nextInt(parts + 1);
        Partial left = mergeAll(split.subList(0, cut));
        left.merge(mergeAll(split.subList(cut, parts)));
        assertClose(left, whole, 1e-5, when + " merge of merges");
      }
    }
  }

  @Test
  void foldsRandomSplitsIntoTheWhole() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    PartialFold fold = new PartialFold();
    for (int parts = 1; parts <= 8; parts++) {
      TileCase tile = tile(random, 50, 1f);
      fold.start(QUERIES, DIM);
      for (Partial part : split(random, tile, parts)) {
        for (int q = 0; q < QUERIES; q++) {
          fold.add(q, part.lse()[q], part.o(), q * DIM);
        }
      }
      Partial folded = new Partial(QUERIES, DIM);
      for (int q = 0; q < QUERIES; q++) {
        fold.output(q, folded.o(), q * DIM);
        folded.lse()[q] = fold.lse(q);
      }
      assertClose(folded, part(tile, 0, 50, 0f), 1e-5, "seed " + seed + " parts " + parts);
    }
  }

  @Test
  void leavesBothSidesOfAnEmptyMergeBitForBit() {
    Partial some = part(tile(new SplittableRandom(5), 9, 1f), 0, 9, 0f);
    Partial copy = mergeAll(List.of(some));
    assertThat(copy.o()).containsExactly(some.o());
    assertThat(copy.lse()).containsExactly(some.lse());
    copy.merge(new Partial(QUERIES, DIM));
    assertThat(copy.o()).containsExactly(some.o());
    assertThat(copy.lse()).containsExactly(some.lse());
  }

  @Test
  void staysEmptyWhenBothSidesAreEmpty() {
    Partial empty = mergeAll(List.of(new Partial(QUERIES, DIM), new Partial(QUERIES, DIM)));
    assertThat(empty.o()).containsOnly(0f);
    assertThat(empty.lse()).containsOnly(Float.NEGATIVE_INFINITY);
    PartialFold fold = new PartialFold();
    fold.start(1, 2);
    fold.add(0, Float.NEGATIVE_INFINITY, new float[] {Float.NaN, Float.NaN}, 0);
    float[] out = {7, 7};
    fold.output(0, out, 0);
    assertThat(out).containsExactly(0, 0);
    assertThat(fold.lse(0)).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  @Test
  void doesNotOverflowWhenAllLogitsAreShiftedByAThousand() {
    TileCase tile = tile(new SplittableRandom(6), 40, 1f);
    for (float shift : new float[] {1000f, -1000f}) {
      Partial merged =
          mergeAll(
              List.of(
                  part(tile, 0, 7, shift), part(tile, 7, 30, shift), part(tile, 30, 40, shift)));
      assertClose(merged, part(tile, 0, 40, shift), 3e-4, "shift " + shift);
    }
  }

  @Test
  void drownsAPartFarBelowTheOther() {
    TileCase tile = tile(new SplittableRandom(7), 20, 1f);
    Partial high = part(tile, 0, 10, 1000f);
    Partial merged = mergeAll(List.of(part(tile, 10, 20, -1000f), high));
    assertThat(merged.o()).containsExactly(high.o());
    assertThat(merged.lse()).containsExactly(high.lse());
  }

  @Test
  void refusesToMergeAnotherShape() {
    assertThatThrownBy(() -> new Partial(2, 3).merge(new Partial(3, 2)))
        .hasMessage("cannot merge a partial of 3 x 2 into one of 2 x 3");
  }
}
