package dev.varve.attention.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.kernel.Backend;
import java.util.BitSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SentenceIndexTest {
  private static final int STOP = '.';

  private static SentenceIndex index(SyntheticKeys keys, int longest) {
    return new SentenceIndex(keys.shape, new SentenceCut(Set.of(STOP), longest), Backend.VECTOR);
  }

  private static BitSet picks(SentenceIndex index, StepQueries queries, int from, int to, int k) {
    BitSet[] picks = {new BitSet()};
    index.lookup(queries, from, to, k, picks);
    return picks[0];
  }

  /** Sentences {1, 3}, {6, 6, 0} and {9}: means 2, 4 and 9. */
  private static SyntheticKeys threeSentences() {
    SyntheticKeys keys = new SyntheticKeys(1, 1, 1, 1, 6);
    float[] values = {1, 3, 6, 6, 0, 9};
    for (int token = 0; token < 6; token++) {
      keys.set(0, token, values[token]);
    }
    return keys;
  }

  private static final int[] IDS = {1, STOP, 1, 1, STOP, STOP};

  @Test
  void readsSentencesInTheOrderOfTheirMeansAndTheLastOneInPart() {
    SyntheticKeys keys = threeSentences();
    SentenceIndex index = index(keys, 100);
    index.append(keys.span(), IDS);
    assertThat(picks(index, keys.queries(1), 0, 6, 3).stream()).containsExactly(2, 3, 5);
    assertThat(picks(index(keys, 100, IDS), keys.queries(-1), 0, 6, 2).stream())
        .containsExactly(0, 1);
    assertThat(picks(index(keys, 100, IDS), keys.queries(1), 1, 5, 100).stream())
        .containsExactly(1, 2, 3, 4);
  }

  private static SentenceIndex index(SyntheticKeys keys, int longest, int[] ids) {
    SentenceIndex index = index(keys, longest);
    index.append(keys.span(), ids);
    return index;
  }

  @Test
  void cutsTextWithoutPunctuation() {
    SyntheticKeys keys = threeSentences();
    SentenceIndex index = index(keys, 2, new int[] {1, 1, 1, 1, 1, 1});
    // Pages of two: means 2, 6 and 4.5.
    assertThat(picks(index, keys.queries(1), 0, 6, 4).stream()).containsExactly(2, 3, 4, 5);
  }

  @Test
  void averagesTheQueriesOfASentence() {
    SyntheticKeys keys = threeSentences();
    SentenceIndex index = index(keys, 100, IDS);
    assertThat(picks(index, keys.queries(3), 0, 6, 1).stream()).containsExactly(5);
    // The mean of 3 and -1 still points to the largest mean; alone, -1 would not.
    index.append(keys.span(0, 1), new int[] {1});
    assertThat(picks(index, keys.queries(-1), 0, 6, 1).stream()).containsExactly(5);
    index.append(keys.span(0, 1), new int[] {STOP});
    assertThat(picks(index, keys.queries(-1), 0, 6, 1).stream()).containsExactly(0);
  }

  @Test
  void asksForTokenIds() {
    SyntheticKeys keys = threeSentences();
    assertThatThrownBy(() -> index(keys, 100).append(keys.span(), new int[0]))
        .hasMessage("sentences end at token ids: 6 tokens came with 0 ids");
  }
}
