package dev.varve.eviction.select;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.eviction.Layers;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopTokensTest {

  @Test
  void sortsByIndexAndGivesTiesToTheLower() {
    float[] scores = {1, 5, 3, 3, 9, 3};
    assertThat(TopTokens.of(scores, 0, 6, 4)).containsExactly(1, 2, 3, 4);
    assertThat(TopTokens.of(scores, 2, 6, 2)).containsExactly(2, 4);
    assertThat(TopTokens.of(scores, 0, 6, 0)).isEmpty();
  }

  @Test
  void agreesWithSortingAndNestsForGrowingCounts() {
    long seed = Layers.seed("agreesWithSorting");
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      int size = random.nextInt(1, 300);
      int kinds = random.nextInt(1, 40);
      float[] scores = new float[size];
      for (int i = 0; i < size; i++) {
        scores[i] = random.nextInt(kinds) - kinds / 2;
      }
      int count = random.nextInt(size + 1);
      int[] expected =
          IntStream.range(0, size)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
              .limit(count)
              .mapToInt(Integer::intValue)
              .sorted()
              .toArray();
      int[] top = TopTokens.of(scores, 0, size, count);
      assertThat(top).containsExactly(expected);
      if (count > 1) {
        assertThat(top).contains(TopTokens.of(scores, 0, size, count - 1));
      }
    }
  }

  @Test
  void findsTheLargestInAnUnluckyOrder() {
    float[] scores = new float[1 << 20];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = i % 2 == 0 ? i : scores.length - i;
    }
    assertThat(TopTokens.kthLargest(scores, 1)).isEqualTo(scores.length - 1f);
  }
}
