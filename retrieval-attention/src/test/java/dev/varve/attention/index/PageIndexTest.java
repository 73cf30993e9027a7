package dev.varve.attention.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PageIndexTest {
  private static final int[] NO_IDS = {};

  private static BitSet[] picks(
      TokenIndex index, SyntheticKeys keys, StepQueries queries, int from, int to, int k) {
    BitSet[] picks = new BitSet[index.shared() ? 1 : keys.shape.kvHeads()];
    Arrays.setAll(picks, i -> new BitSet());
    index.lookup(queries, from, to, k, picks);
    return picks;
  }

  /** Pages {(1,-2), (3,0)} and {(-1,4), (0,5)}; q = (2,-1): bounds 2*3+1*2 = 8 and 0-4 = -4. */
  @ParameterizedTest
  @EnumSource(Backend.class)
  void boundsPagesAsReckonedByHand(Backend backend) {
    SyntheticKeys keys = new SyntheticKeys(1, 1, 1, 2, 4);
    keys.set(0, 0, 1, -2);
    keys.set(0, 1, 3, 0);
    keys.set(0, 2, -1, 4);
    keys.set(0, 3, 0, 5);
    PageIndex index = PageIndex.quest(keys.shape, 2, backend);
    index.append(keys.span(), NO_IDS);
    StepQueries queries = keys.queries(2, -1);
    assertThat(index.score(queries, 0, 0)).isEqualTo(8f);
    assertThat(index.score(queries, 0, 1)).isEqualTo(-4f);
    assertThat(picks(index, keys, queries, 0, 4, 2)[0].stream()).containsExactly(0, 1);
    assertThat(picks(index, keys, queries, 1, 3, 2)[0].stream()).containsExactly(1);
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void neverBoundsAPageBelowOneOfItsKeysEvenWhileItIsOpen(Backend backend) {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 6, 2, 24, 203);
    PageIndex index = PageIndex.quest(keys.shape, 16, backend);
    for (int from = 0; from < 203; from += 29) {
      index.append(keys.span(from, from + 29), NO_IDS);
      float[] query = keys.query();
      StepQueries queries = keys.queries(query);
      for (int head = 0; head < 2; head++) {
        for (int token = 0; token < from + 29; token++) {
          float bound = index.score(queries, head, token / 16);
          for (int g = 0; g < 3; g++) {
            double dot = SyntheticKeys.dot(query, (head * 3 + g) * 24, keys.key(head, token));
            assertThat(dot).as("seed %d token %d", seed, token).isLessThanOrEqualTo(bound + 1e-4);
          }
        }
      }
    }
    assertThat(index.tokens()).isEqualTo(203);
    assertThat(index.bytes()).isEqualTo(2L * 13 * 48 * 2);
  }

  @Test
  void roundsBoundsOutwards() {
    BoundSummary summary = new BoundSummary(1);
    for (float x : new float[] {1.0001f, -1.0001f, 1f, 0f, -0f, 1e-42f, -1e-42f, 3.3e38f}) {
      float[] kept = new float[2];
      summary.round(new float[] {x, x}, 1, kept);
      assertThat(kept[0]).isLessThanOrEqualTo(x);
      assertThat(kept[1]).isGreaterThanOrEqualTo(x);
      assertThat(Float.floatToIntBits(kept[0]) & 0xffff).isZero();
      assertThat(Float.floatToIntBits(kept[1]) & 0xffff).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void picksThePageOfAPlantedKeyForEveryHeadApart(Backend backend) {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 16, 512);
    float[] query = keys.query();
    for (int head = 0; head < 2; head++) {
      float[] needle = Arrays.copyOfRange(query, (2 * head + 1) * 16, (2 * head + 2) * 16);
      for (int i = 0; i < 16; i++) {
        needle[i] *= 9;
      }
      keys.set(head, 100 + 200 * head, needle);
    }
    PageIndex index = PageIndex.quest(keys.shape, 16, backend);
    index.append(keys.span(), NO_IDS);
    BitSet[] picks = picks(index, keys, keys.queries(query), 0, 512, 20);
    assertThat(picks[0].get(100)).as("seed %d", seed).isTrue();
    assertThat(picks[1].get(300)).as("seed %d", seed).isTrue();
    assertThat(picks[0].cardinality()).isEqualTo(32);
  }

  /** Chunk means 1 and 4 and 2 of one dimension; the first chunk is always picked. */
  @ParameterizedTest
  @EnumSource(Backend.class)
  void picksTheFirstChunkAndThoseOfTheBestMeans(Backend backend) {
    SyntheticKeys keys = new SyntheticKeys(1, 1, 1, 1, 6);
    float[] values = {0, 2, 3, 5, 2, 2};
    for (int token = 0; token < 6; token++) {
      keys.set(0, token, values[token]);
    }
    PageIndex index = PageIndex.chunkMeans(keys.shape, 2, backend);
    index.append(keys.span(), NO_IDS);
    assertThat(index.score(keys.queries(2), 0, 1)).isEqualTo(8f);
    assertThat(picks(index, keys, keys.queries(1), 0, 6, 4)[0].stream())
        .containsExactly(0, 1, 2, 3);
    assertThat(picks(index, keys, keys.queries(-1), 0, 6, 4)[0].stream())
        .containsExactly(0, 1, 4, 5);
  }

  @Test
  void picksTheSameAfterARestore() {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 16, 300);
    PageIndex index = PageIndex.quest(keys.shape, 16, Backend.VECTOR);
    index.append(keys.span(0, 203), NO_IDS);
    IndexOutput out = new IndexOutput();
    index.write(out);
    PageIndex restored = PageIndex.quest(keys.shape, 16, Backend.VECTOR);
    IndexInput in = new IndexInput(out.toBytes());
    restored.restore(in);
    in.finish();
    index.append(keys.span(203, 300), NO_IDS);
    restored.append(keys.span(203, 300), NO_IDS);
    for (int i = 0; i < 5; i++) {
      StepQueries queries = keys.queries(keys.query());
      assertThat(picks(restored, keys, queries, 3, 290, 64))
          .as("seed %d", seed)
          .isEqualTo(picks(index, keys, queries, 3, 290, 64));
    }
  }

  @Test
  void refusesBytesThatAreCutOffOrChanged() {
    SyntheticKeys keys = new SyntheticKeys(3, 4, 2, 16, 40);
    PageIndex index = PageIndex.quest(keys.shape, 16, Backend.SCALAR);
    index.append(keys.span(), NO_IDS);
    IndexOutput out = new IndexOutput();
    index.write(out);
    byte[] bytes = out.toBytes();
    for (int length = 0; length < bytes.length; length++) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> index.restore(new IndexInput(part)))
          .isInstanceOf(DamagedIndexException.class)
          .hasMessageStartingWith("the index is cut off: ");
    }
    for (int at = 0; at < 24; at++) {
      byte[] changed = bytes.clone();
      changed[at] ^= (byte) 0x81;
      try {
        IndexInput in = new IndexInput(changed);
        PageIndex.quest(keys.shape, 16, Backend.SCALAR).restore(in);
        in.finish();
      } catch (DamagedIndexException e) {
        assertThat(e).hasMessageStartingWith("the index is ");
      }
    }
  }
}
