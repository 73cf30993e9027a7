package dev.varve.attention.prefill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.attention.index.ExactKeyScores;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.index.SyntheticKeys;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class PrefillPatternTest {
  private static final int BLOCK = 16;
  private static final int TOKENS = 640;
  private static final int CHUNK = 64;
  private final long seed = System.nanoTime();
  private final SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 16, TOKENS);
  private final ExactKeyScores scores = new ExactKeyScores(2, 16, Backend.VECTOR);
  private final float[] queries = keys.gaussian(CHUNK * 4 * 16);

  private BitSet[] choose(PrefillPattern pattern) {
    if (scores.tokens() == 0) {
      scores.append(keys.span());
    }
    BitSet[] blocks = {new BitSet(), new BitSet()};
    pattern.choose(chunk(), scores, BLOCK, blocks);
    for (BitSet set : blocks) {
      assertThat(set.length()).as("the newest block").isEqualTo(TOKENS / BLOCK);
      assertThat(set.nextClearBit((TOKENS - CHUNK) / BLOCK)).isEqualTo(TOKENS / BLOCK);
    }
    return blocks;
  }

  private StepQueries chunk() {
    return new StepQueries(keys.shape).set(queries, 0, TOKENS - CHUNK, CHUNK);
  }

  private StripePattern stripes(double share) {
    return new StripePattern(share, 8, 0.08, Backend.VECTOR);
  }

  @Test
  void takesTheFewestThatHoldTheShare() {
    double[] mass = {1, 4, 0, 3, 2};
    BitSet taken = new BitSet();
    taken.set(4);
    MassOrder.take(mass, 5, 0.6, taken);
    assertThat(taken.stream()).containsExactly(1, 4);
    MassOrder.take(mass, 5, 0.61, taken);
    assertThat(taken.stream()).containsExactly(1, 3, 4);
    MassOrder.take(mass, 5, 1, taken);
    assertThat(taken.stream()).containsExactly(0, 1, 3, 4);
  }

  @Test
  void holdsTheShareOfTheSampledRows() {
    BitSet[] before = {new BitSet(), new BitSet()};
    for (double share : new double[] {0, 0.5, 0.9, 1}) {
      BitSet[] blocks = choose(stripes(share));
      for (int head = 0; head < 2; head++) {
        float[] rows = new SampledRows(Backend.VECTOR).compute(chunk(), scores, head, 7, 8);
        for (int g = 0; g < 2; g++) {
          double held = 0;
          for (int t = 0; t < 8; t++) {
            for (int i = 0; i < TOKENS; i++) {
              held += blocks[head].get(i / BLOCK) ? rows[(t * 2 + g) * TOKENS + i] : 0;
            }
          }
          assertThat(held / 8).as("seed %d", seed).isGreaterThanOrEqualTo(share - 1e-5);
        }
        before[head].andNot(blocks[head]);
        assertThat(before[head].isEmpty()).as("nested").isTrue();
        before[head] = blocks[head];
      }
    }
    assertThat(before[0].cardinality()).isEqualTo(TOKENS / BLOCK);
    assertThatThrownBy(() -> stripes(Double.NaN)).hasMessage("share must lie between 0 and 1: NaN");
  }

  @Test
  void rowsAreCausalAndAddUpToOne() {
    scores.append(keys.span());
    float[] rows = new SampledRows(Backend.SCALAR).compute(chunk(), scores, 1, 3, 30);
    assertThat(SampledRows.count(chunk(), 3, 30)).isEqualTo(3);
    for (int row = 0; row < 6; row++) {
      int position = TOKENS - CHUNK + 3 + row / 2 * 30;
      double sum = 0;
      for (int i = 0; i < TOKENS; i++) {
        sum += rows[row * TOKENS + i];
        if (i > position) {
          assertThat(rows[row * TOKENS + i]).isZero();
        }
      }
      assertThat(sum).isCloseTo(1, within(1e-4));
    }
  }

  @Test
  void readsFirstColumnsNearDiagonalsAndAHeavyColumn() {
    float[] heavy = new float[16];
    for (int i = 0; i < 16; i++) {
      heavy[i] = 40 * queries[(CHUNK - 1) * 64 + i];
    }
    keys.set(0, 205, heavy);
    BitSet[] blocks = choose(new VerticalSlashPattern(31, 100, 64, Backend.VECTOR));
    assertThat(blocks[0].get(205 / BLOCK)).as("seed %d", seed).isTrue();
    for (BitSet set : blocks) {
      assertThat(set.get(0)).isTrue();
      assertThat(set.get(1)).isTrue();
      assertThat(set.nextClearBit((TOKENS - CHUNK - 99) / BLOCK)).isEqualTo(TOKENS / BLOCK);
    }
    BitSet[] all = choose(new VerticalSlashPattern(TOKENS, TOKENS, 64, Backend.VECTOR));
    assertThat(all[1].cardinality()).isEqualTo(TOKENS / BLOCK);
  }

  @Test
  void movesDiagonalsThroughTheChunk() {
    BitSet diagonals = new BitSet();
    diagonals.set(320);
    BitSet blocks = VerticalSlashPattern.blocks(chunk(), new BitSet(), diagonals, BLOCK);
    assertThat(blocks.stream()).containsExactly(16, 17, 18, 19);
  }

  @Test
  void trustsTheMeanQueryWhereAllQueriesAreAlike() {
    for (int t = 0; t < CHUNK; t++) {
      System.arraycopy(queries, 0, queries, t * 64, 64);
    }
    BitSet[] trusted = choose(new AdaptivePattern(0.9, 1, 64, 0, Backend.VECTOR));
    BitSet[] careful = choose(new AdaptivePattern(0.9, 0, 64, 0, Backend.VECTOR));
    assertThat(trusted[0].get(0)).isTrue();
    assertThat(trusted[0].cardinality()).isLessThan(TOKENS / BLOCK + 1);
    assertThat(careful[0].get(0)).isTrue();
    BitSet[] everything = choose(new AdaptivePattern(1, 1, 64, 0, Backend.VECTOR));
    assertThat(everything[1].cardinality()).isEqualTo(TOKENS / BLOCK);
    BitSet[] small = choose(new AdaptivePattern(0.1, 1, 64, TOKENS, Backend.VECTOR));
    assertThat(small[0].cardinality()).isEqualTo(TOKENS / BLOCK);
  }

  @Test
  void measuresDivergenceFromNoneToOne() {
    double[] a = {0.5, 0.5, 0};
    assertThat(AdaptivePattern.divergence(a, a.clone())).isZero();
    assertThat(AdaptivePattern.divergence(a, new double[] {0, 0, 1})).isCloseTo(1, within(1e-12));
    double[] apart = {0.25, 0.75};
    double expected =
        0.5 * (0.5 * log2(0.5 / 0.375) + 0.5 * log2(0.5 / 0.625))
            + 0.5 * (0.25 * log2(0.25 / 0.375) + 0.75 * log2(0.75 / 0.625));
    assertThat(AdaptivePattern.divergence(Arrays.copyOf(a, 2), apart))
        .isCloseTo(expected, within(1e-12));
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }
}
