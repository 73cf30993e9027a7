package dev.varve.attention.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SoftVoteIndexTest {
  private static final int[] NO_IDS = {};

  private static SoftVoteIndex index(SyntheticKeys keys, float scale, int pool, Backend backend) {
    ExactKeyScores scores = new ExactKeyScores(keys.shape.kvHeads(), keys.shape.keyDim(), backend);
    SoftVoteIndex index = new SoftVoteIndex(keys.shape, scores, scale, pool, backend);
    index.append(keys.span(), NO_IDS);
    return index;
  }

  private static BitSet picks(SoftVoteIndex index, StepQueries queries, int from, int to, int k) {
    BitSet[] picks = {new BitSet()};
    index.lookup(queries, from, to, k, picks);
    return picks[0];
  }

  /**
   * Two heads over keys 0, 1, 2 of one dimension. Head 0 has q = ln 2: shares 1/7, 2/7, 4/7; head 1
   * has q = -ln 4: shares 16/21, 4/21, 1/21. Votes: 19/21, 10/21, 13/21.
   */
  @ParameterizedTest
  @EnumSource(Backend.class)
  void votesAsReckonedByHand(Backend backend) {
    SyntheticKeys keys = new SyntheticKeys(1, 2, 1, 1, 3);
    for (int token = 0; token < 3; token++) {
      keys.set(0, token, token);
    }
    SoftVoteIndex index = index(keys, 1f, 1, backend);
    StepQueries queries = keys.queries((float) Math.log(2), (float) -Math.log(4));
    assertThat(picks(index, queries, 0, 3, 2)).isEqualTo(BitSet.valueOf(new long[] {0b101}));
    assertThat(index.votes()[0]).isCloseTo(19 / 21f, within(1e-6f));
    assertThat(index.votes()[1]).isCloseTo(10 / 21f, within(1e-6f));
    assertThat(index.votes()[2]).isCloseTo(13 / 21f, within(1e-6f));
    SoftVoteIndex pooled = index(keys, 1f, 3, backend);
    assertThat(picks(pooled, queries, 0, 3, 2)).isEqualTo(BitSet.valueOf(new long[] {0b11}));
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void votesAddUpToTheNumberOfHeadsAndOneHeadMovesNoMoreThanItsOwn(Backend backend) {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 8, 2, 24, 301);
    SoftVoteIndex index = index(keys, 1f, 1, backend);
    float[] query = keys.query();
    index.vote(keys.queries(query), 10, 290);
    float[] before = index.votes().clone();
    assertThat(sum(before, 280)).as("seed %d", seed).isCloseTo(8, within(1e-4));
    for (int i = 0; i < 24; i++) {
      query[3 * 24 + i] *= 100;
    }
    index.vote(keys.queries(query), 10, 290);
    double moved = 0;
    for (int i = 0; i < 280; i++) {
      moved += Math.max(0, index.votes()[i] - before[i]);
    }
    assertThat(sum(index.votes(), 280)).as("seed %d", seed).isCloseTo(8, within(1e-4));
    assertThat(moved).as("seed %d", seed).isLessThanOrEqualTo(1 + 1e-4);
  }

  private static double sum(float[] values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[i];
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void agreesWithAPlainReckoningOverSpansAndGroups(Backend backend) {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 6, 3, 20, 190);
    ExactKeyScores scores = new ExactKeyScores(3, 20, backend);
    SoftVoteIndex index = new SoftVoteIndex(keys.shape, scores, 0.5f, 1, backend);
    SyntheticKeys other = new SyntheticKeys(seed + 1, 6, 3, 20, 64);
    index.append(keys.span(0, 100), NO_IDS);
    index.append(keys.span(100, 190), NO_IDS);
    index.append(other.span(), NO_IDS);
    float[] query = keys.query();
    BitSet picked = picks(index, keys.queries(query), 7, 250, 40);
    double[] votes = new double[250];
    for (int head = 0; head < 6; head++) {
      double[] shares = new double[250];
      double sum = 0;
      for (int t = 7; t < 250; t++) {
        float[] key = t < 190 ? keys.key(head / 2, t) : other.key(head / 2, t - 190);
        shares[t] = Math.exp(0.5 * SyntheticKeys.dot(query, head * 20, key));
        sum += shares[t];
      }
      for (int t = 7; t < 250; t++) {
        votes[t] += shares[t] / sum;
      }
    }
    int[] expected =
        IntStream.range(7, 250)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer t) -> -votes[t]).thenComparing(t -> t))
            .limit(40)
            .mapToInt(t -> t)
            .sorted()
            .toArray();
    assertThat(picked.stream().toArray()).as("seed %d", seed).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void alwaysPicksAPlantedNeedle(Backend backend) {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 4, 4, 16, 500);
    float[] query = keys.query();
    for (int head = 0; head < 4; head++) {
      float[] needle = new float[16];
      for (int i = 0; i < 16; i++) {
        needle[i] = 10 * query[head * 16 + i];
      }
      keys.set(head, 321, needle);
    }
    BitSet picked = picks(index(keys, 1f, 1, backend), keys.queries(query), 4, 480, 3);
    assertThat(picked.get(321)).as("seed %d", seed).isTrue();
  }

  @Test
  void nestsSelectionsOfGrowingBudgets() {
    SyntheticKeys keys = new SyntheticKeys(5, 4, 2, 16, 400);
    SoftVoteIndex index = index(keys, 1f, 1, Backend.VECTOR);
    StepQueries queries = keys.queries(keys.query());
    BitSet smaller = new BitSet();
    for (int k : new int[] {1, 5, 40, 100, 399}) {
      BitSet larger = picks(index, queries, 0, 400, k);
      assertThat(larger.cardinality()).isEqualTo(k);
      smaller.andNot(larger);
      assertThat(smaller.isEmpty()).as("k %d", k).isTrue();
      smaller = larger;
    }
  }

  @Test
  void clampsABudgetAboveTheCandidatesAndRefusesKeysOfAnotherShape() {
    SyntheticKeys keys = new SyntheticKeys(5, 4, 2, 16, 40);
    SoftVoteIndex index = index(keys, 1f, 1, Backend.SCALAR);
    assertThat(picks(index, keys.queries(keys.query()), 3, 40, 1000).cardinality()).isEqualTo(37);
    KeySpan foreign = KeySpan.dense(Arena.ofAuto().allocate(4 * 3 * 16), Dtype.F32, 3, 1, 16);
    assertThatThrownBy(() -> index.append(foreign, NO_IDS))
        .hasMessage("the index holds keys of 2 heads of 16, given are 3 of 16");
    assertThatThrownBy(() -> new MaxPool(4)).hasMessage("pool must be odd: 4");
  }
}
