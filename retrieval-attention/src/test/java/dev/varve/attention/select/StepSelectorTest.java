package dev.varve.attention.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.attention.index.ExactKeyScores;
import dev.varve.attention.index.SoftVoteIndex;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.index.SyntheticKeys;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.text.TokenBudget;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StepSelectorTest {
  private static final int[] NO_IDS = {};
  private static final Window WINDOW = new Window(4, 8, TokenBudget.tokens(10));

  private static StepSelector selector(LayerShape shape, Reuse reuse) {
    var keys = new ExactKeyScores(shape.kvHeads(), shape.keyDim(), Backend.VECTOR);
    var index = new SoftVoteIndex(shape, keys, 1f, 1, Backend.VECTOR);
    return new StepSelector(shape, WINDOW, index, reuse);
  }

  @Test
  void readsFirstPickedAndNewestTokensAscending() {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 16, 200);
    StepSelector selector = selector(keys.shape, Reuse.NEVER);
    selector.append(keys.span(), NO_IDS);
    int[] positions = selector.select(keys.queries(keys.query())).positions(1);
    assertThat(positions)
        .as("seed %d", seed)
        .hasSize(4 + 10 + 8)
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(positions).startsWith(0, 1, 2, 3).endsWith(IntStream.range(192, 200).toArray());
    assertThat(selector.stats()).isEqualTo(new SelectorStats(1, 0, 0, 0, 188 * 2 * 16 * 4));
  }

  @Test
  void readsEverythingWhileThereIsNoMoreThanMayBeRead() {
    SyntheticKeys keys = new SyntheticKeys(1, 4, 2, 16, 22);
    StepSelector selector = selector(keys.shape, new CosineReuse(-1));
    StepQueries queries = new StepQueries(keys.shape);
    for (int n = 1; n <= 22; n++) {
      selector.append(keys.span(n - 1, n), NO_IDS);
      Selection all = selector.select(queries.set(keys.query(), 0, n - 1, 1));
      assertThat(all.positions(0)).isEqualTo(IntStream.range(0, n).toArray());
      assertThat(all.origin()).isEqualTo(Selection.Origin.WHOLE);
    }
  }

  @Test
  void readsTokensThatTheIndexDoesNotHoldYetAndCountsIt() {
    SyntheticKeys keys = new SyntheticKeys(1, 4, 2, 16, 200);
    StepSelector selector = selector(keys.shape, Reuse.NEVER);
    StepQueries queries = keys.queries(keys.query());
    assertThat(selector.select(queries).count(0)).isEqualTo(200);
    selector.append(keys.span(0, 150), NO_IDS);
    Selection some = selector.select(queries);
    assertThat(some.count(0)).isEqualTo(4 + 10 + 50);
    assertThat(some.set(0).nextClearBit(150)).isEqualTo(200);
    assertThat(selector.stats().building()).isEqualTo(2);
    assertThat(selector.stats().whole()).isEqualTo(1);
  }

  @Test
  void reusesPicksAboveTheCosineAndNeverLeavesTheRange() {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 16, 300);
    for (double theta : new double[] {1.5, 0.3, -1}) {
      StepSelector selector = selector(keys.shape, new CosineReuse(theta));
      selector.append(keys.span(), NO_IDS);
      StepQueries queries = new StepQueries(keys.shape);
      for (int end : new int[] {100, 101, 180, 300, 299, 40, 41, 60}) {
        Selection selection = selector.select(queries.set(keys.query(), 0, end - 1, 1));
        assertThat(selection.set(0).length()).as("seed %d", seed).isEqualTo(end);
        assertThat(selection.count(0)).isBetween(12, 22);
      }
      // 299 and 40 tokens are fewer than the step before had: whoever cut must be looked up anew.
      long hits = selector.stats().reused();
      assertThat(hits).as("theta %s", theta).isBetween(0L, 5L);
      if (theta != 0.3) {
        assertThat(hits).as("theta %s", theta).isEqualTo(theta > 1 ? 0 : 5);
      }
    }
    assertThatThrownBy(() -> new CosineReuse(Double.NaN)).hasMessageContaining("NaN");
  }

  @Test
  void keepsPicksWhileTheQueryPointsTheSameWay() {
    SyntheticKeys keys = new SyntheticKeys(3, 4, 2, 16, 300);
    StepSelector selector = selector(keys.shape, new CosineReuse(0.9));
    selector.append(keys.span(), NO_IDS);
    StepQueries queries = new StepQueries(keys.shape);
    float[] query = keys.query();
    int[] first = selector.select(queries.set(query, 0, 298, 1)).positions(0);
    for (int i = 0; i < query.length; i++) {
      query[i] *= 3;
    }
    Selection again = selector.select(queries.set(query, 0, 299, 1));
    assertThat(again.origin()).isEqualTo(Selection.Origin.REUSED);
    assertThat(Arrays.copyOfRange(again.positions(0), 4, 14))
        .isEqualTo(Arrays.copyOfRange(first, 4, 14));
    query[0] += 100;
    assertThat(selector.select(queries.set(query, 0, 299, 1)).origin())
        .isEqualTo(Selection.Origin.LOOKED_UP);
  }

  @Test
  void looksUpAtEveryNthStep() {
    SyntheticKeys keys = new SyntheticKeys(3, 4, 2, 16, 300);
    StepSelector selector = selector(keys.shape, new StepReuse(3));
    selector.append(keys.span(), NO_IDS);
    for (int step = 0; step < 7; step++) {
      Selection.Origin expected =
          step % 3 == 0 ? Selection.Origin.LOOKED_UP : Selection.Origin.REUSED;
      assertThat(selector.select(keys.queries(keys.query())).origin()).isEqualTo(expected);
    }
    assertThat(selector.stats().reused()).isEqualTo(4);
  }

  @Test
  void readsNothingThatASlidingWindowHides() {
    LayerShape shape =
        new LayerShape(4, 2, 16, 16, 1f, 0f, RopeSpec.none(), 100, false, OptionalInt.empty());
    SyntheticKeys keys = new SyntheticKeys(3, 4, 2, 16, 300);
    StepSelector selector = selector(shape, Reuse.NEVER);
    selector.append(keys.span(), NO_IDS);
    Selection selection = selector.select(new StepQueries(shape).set(keys.query(), 0, 299, 1));
    assertThat(selection.count(0)).isEqualTo(18);
    assertThat(selection.set(0).nextSetBit(0)).isGreaterThanOrEqualTo(200);
  }

  @Test
  void readsTheWholeStepOfAPrefillChunk() {
    SyntheticKeys keys = new SyntheticKeys(3, 4, 2, 16, 300);
    StepSelector selector = selector(keys.shape, Reuse.NEVER);
    selector.append(keys.span(), NO_IDS);
    float[] chunk = keys.gaussian(40 * 4 * 16);
    Selection selection = selector.select(new StepQueries(keys.shape).set(chunk, 0, 260, 40));
    assertThat(selection.set(0).nextClearBit(260)).isEqualTo(300);
    assertThat(selection.count(0)).isEqualTo(4 + 10 + 40);
  }

  @Test
  void keepsSessionsApart() {
    SyntheticKeys keys = new SyntheticKeys(3, 4, 2, 16, 300);
    StepSelector one = selector(keys.shape, new CosineReuse(-1));
    StepSelector other = selector(keys.shape, new CosineReuse(-1));
    one.append(keys.span(), NO_IDS);
    other.append(keys.span(), NO_IDS);
    StepQueries queries = keys.queries(keys.query());
    int[] alone = one.select(queries).positions(0);
    other.select(keys.queries(keys.query()));
    assertThat(one.select(queries).positions(0)).isEqualTo(alone);
  }
}
