package dev.varve.attention.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Indices that remember earlier look-ups. */
class RepeatedLookupTest {
  private static final int[] NO_IDS = {};
  private final long seed = System.nanoTime();
  private final SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 16, 1024);
  private final float[] query = keys.query();

  private BitSet[] lookUp(TokenIndex index, float[] query, int from, int to, int k) {
    BitSet[] picks = new BitSet[index.shared() ? 1 : 2];
    Arrays.setAll(picks, i -> new BitSet());
    index.lookup(new StepQueries(keys.shape).set(query, 0, to, 1), from, to, k, picks);
    for (BitSet set : picks) {
      assertThat(set.length()).as("seed %d", seed).isLessThanOrEqualTo(to);
      assertThat(set.isEmpty() ? from : set.nextSetBit(0)).isGreaterThanOrEqualTo(from);
    }
    return picks;
  }

  private static RecycledIndex recycled(SyntheticKeys keys, int every, int check, double cosine) {
    var schedule = new RecycledIndex.Schedule(every, check, cosine);
    RecycledIndex index = new RecycledIndex(keys.shape, schedule, Backend.VECTOR);
    index.append(keys.span(), NO_IDS);
    return index;
  }

  @Test
  void recyclesTheTokensOfTheLastFullStepAndThoseSince() {
    RecycledIndex index = recycled(keys, 4, 0, 0);
    assertThat(lookUp(index, query, 0, 600, 50)[1].cardinality()).isEqualTo(600);
    BitSet[] oracle = {new BitSet(), new BitSet()};
    GroupVoteIndex votes =
        new GroupVoteIndex(keys.shape, new ExactKeyScores(2, 16, Backend.VECTOR), Backend.VECTOR);
    votes.append(keys.span(), NO_IDS);
    votes.lookup(new StepQueries(keys.shape).set(query, 0, 600, 1), 0, 600, 50, oracle);
    assertThat(lookUp(index, keys.query(), 0, 600, 50)).isEqualTo(oracle);
    BitSet later = lookUp(index, keys.query(), 0, 603, 50)[1];
    assertThat(later.cardinality()).isEqualTo(50);
    assertThat(later.get(600, 603).cardinality()).isEqualTo(3);
    later.clear(600, 603);
    later.andNot(oracle[1]);
    assertThat(later.isEmpty()).as("seed %d", seed).isTrue();
    lookUp(index, keys.query(), 0, 604, 50);
    assertThat(lookUp(index, keys.query(), 0, 605, 50)[0].cardinality()).isEqualTo(605);
  }

  @Test
  void readsEverythingWithAFullStepEachTimeAndAfterTheQueryTurned() {
    RecycledIndex always = recycled(keys, 1, 0, 0);
    RecycledIndex drifting = recycled(keys, 100, 2, 0.8);
    float[] turned = query.clone();
    for (int i = 0; i < turned.length; i++) {
      turned[i] = -turned[i];
    }
    for (int step = 0; step < 5; step++) {
      assertThat(lookUp(always, query, 0, 600, 50)[0].cardinality()).isEqualTo(600);
      int expected = step == 0 || step == 4 ? 600 : 50;
      assertThat(lookUp(drifting, step < 3 ? query : turned, 0, 600, 50)[0].cardinality())
          .as("step %d", step)
          .isEqualTo(expected);
    }
    assertThat(lookUp(recycled(keys, 5, 0, 0), query, 0, 20, 50)[0].cardinality()).isEqualTo(20);
    assertThatThrownBy(() -> new RecycledIndex.Schedule(1, 1, Double.NaN))
        .hasMessageContaining("NaN");
  }

  @Test
  void keepsStickyBlocksAndMovesNoMoreThanTheQuota() {
    var quota = new StickyIndex.Quota(16, 3, 5);
    StickyIndex index = new StickyIndex(keys.shape, quota, Backend.VECTOR);
    index.append(keys.span(), NO_IDS);
    BitSet before = new BitSet();
    for (int step = 0; step < 20; step++) {
      BitSet now = lookUp(index, keys.query(), 0, 1024, 16 * 12)[0];
      assertThat(now.cardinality()).isEqualTo(16 * 12);
      BitSet fetched = (BitSet) now.clone();
      fetched.andNot(before);
      if (step % 5 != 0) {
        assertThat(fetched.cardinality()).as("seed %d step %d", seed, step).isLessThanOrEqualTo(48);
      }
      before = now;
    }
  }

  @Test
  void alwaysMovesToThePlantedBlock() {
    float[] needle = new float[16];
    for (int i = 0; i < 16; i++) {
      needle[i] = 30 * (query[i] + query[16 + i]);
    }
    keys.set(0, 777, needle);
    StickyIndex index =
        new StickyIndex(keys.shape, new StickyIndex.Quota(16, 1, 100), Backend.VECTOR);
    index.append(keys.span(), NO_IDS);
    lookUp(index, keys.query(), 0, 1024, 64);
    assertThat(lookUp(index, query, 0, 1024, 64)[0].get(777)).as("seed %d", seed).isTrue();
  }

  @Test
  void prunesInStagesAndReadsFewKeys() {
    List<HierarchicalIndex.Stage> stages =
        List.of(
            new HierarchicalIndex.Stage(64, 512, 4),
            new HierarchicalIndex.Stage(16, 128, 2),
            new HierarchicalIndex.Stage(4, 1, 1));
    HierarchicalIndex index = new HierarchicalIndex(keys.shape, stages, Backend.VECTOR);
    index.append(keys.span(), NO_IDS);
    BitSet[] picks = {new BitSet(), new BitSet()};
    long bytes =
        index.lookup(new StepQueries(keys.shape).set(query, 0, 1000, 1), 8, 1000, 40, picks);
    assertThat(picks[0].cardinality()).isEqualTo(40);
    assertThat(bytes).isLessThan(2L * 992 * 16 * 4);
    BitSet first = lookUp(index, query, 8, 1000, 40)[0];
    assertThat(first).isEqualTo(picks[0]);
    BitSet grown = lookUp(index, query, 8, 1003, 40)[0];
    assertThat(grown.cardinality()).isBetween(37, 43);
    assertThat(lookUp(index, query, 8, 500, 40)[0].length()).isLessThanOrEqualTo(500);
  }

  private static float[] times(float[] values, float factor) {
    float[] key = new float[16];
    for (int i = 0; i < key.length; i++) {
      key[i] = factor * values[i];
    }
    return key;
  }

  /** One key per chunk stands out for both query heads of a group: pruning must find its chunk. */
  @Test
  void findsAKeyThatItsWholeChunkPointsTo() {
    float[] both = query.clone();
    System.arraycopy(both, 0, both, 16, 16);
    for (int t = 320; t < 384; t++) {
      keys.set(0, t, times(both, 3));
    }
    for (int t = 352; t < 356; t++) {
      keys.set(0, t, times(both, 9));
    }
    List<HierarchicalIndex.Stage> stages =
        List.of(new HierarchicalIndex.Stage(64, 128, 1), new HierarchicalIndex.Stage(4, 1, 1));
    HierarchicalIndex index = new HierarchicalIndex(keys.shape, stages, Backend.SCALAR);
    index.append(keys.span(), NO_IDS);
    BitSet picks = lookUp(index, both, 0, 1024, 32)[0];
    assertThat(picks.get(352, 356).cardinality()).as("seed %d", seed).isEqualTo(4);
  }

  @Test
  void keepsEverythingWithABudgetOfAllAndRefusesStagesThatDoNotGetFiner() {
    List<HierarchicalIndex.Stage> stages =
        List.of(new HierarchicalIndex.Stage(64, 64, 1), new HierarchicalIndex.Stage(8, 1, 1));
    HierarchicalIndex index = new HierarchicalIndex(keys.shape, stages, Backend.VECTOR);
    index.append(keys.span(), NO_IDS);
    assertThat(lookUp(index, query, 0, 1024, 1024)[1].cardinality()).isEqualTo(1024);
    var coarse = new HierarchicalIndex.Stage(8, 8, 1);
    assertThatThrownBy(() -> HierarchicalIndex.check(List.of(coarse, coarse)))
        .hasMessageContaining("8 after 8");
  }

  @Test
  void weighsUnusualTokensMore() {
    ActivationProbe probe = new ActivationProbe(keys.shape);
    float[] same = new float[5 * 64];
    for (int t = 0; t < 5; t++) {
      System.arraycopy(query, 0, same, t * 64, 64);
    }
    probe.probe(new StepQueries(keys.shape).set(same, 0, 0, 5));
    for (int t = 0; t < 5; t++) {
      assertThat(probe.weight(t)).isCloseTo(0.2, within(1e-9));
    }
    for (int i = 0; i < 64; i++) {
      same[3 * 64 + i] *= 50;
    }
    float[] probed = probe.probe(new StepQueries(keys.shape).set(same, 0, 0, 5));
    assertThat(probe.weight(3)).isGreaterThan(0.7);
    assertThat(probed).hasSize(64);
  }

  @Test
  void picksTheBlockWhoseRepresentativesPointToTheProbe() {
    float[] key = new float[16];
    for (int t = 160; t < 192; t++) {
      for (int head = 0; head < 2; head++) {
        for (int i = 0; i < 16; i++) {
          key[i] = query[2 * head * 16 + i] + query[(2 * head + 1) * 16 + i];
        }
        keys.set(head, t, key);
      }
    }
    RepresentativeIndex index = new RepresentativeIndex(keys.shape, 32, 4, Backend.VECTOR);
    index.append(keys.span(0, 1000), NO_IDS);
    assertThat(index.tokens()).isEqualTo(992);
    BitSet picks = lookUp(index, query, 0, 992, 64)[0];
    assertThat(picks.get(160, 192).cardinality()).as("seed %d", seed).isEqualTo(32);
    assertThat(picks.cardinality()).isEqualTo(64);
    IndexOutput out = new IndexOutput();
    index.write(out);
    RepresentativeIndex restored = new RepresentativeIndex(keys.shape, 32, 4, Backend.VECTOR);
    restored.restore(new IndexInput(out.toBytes()));
    assertThat(lookUp(restored, query, 0, 992, 64)[0]).isEqualTo(picks);
  }
}
