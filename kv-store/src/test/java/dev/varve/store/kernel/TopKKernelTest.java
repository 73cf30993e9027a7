package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopKKernelTest {

  private static List<TopKKernel> kernels() {
    List<TopKKernel> kernels = new ArrayList<>();
    for (Backend backend : Backend.values()) {
      kernels.add(TopKKernel.of(backend));
    }
    LaneWidths.ALL.forEach(bits -> kernels.add(LaneWidths.topK(bits)));
    return kernels;
  }

  @Test
  void findsAKnownAnswerInAscendingOrder() {
    float[] scores = {9, 1, 5, 3, 5, 2, 5};
    for (TopKKernel kernel : kernels()) {
      int[] places = new int[3];
      assertThat(kernel.select(scores, 1, 6, 3, places)).isEqualTo(3);
      assertThat(places).containsExactly(1, 3, 5);
      assertThat(kernel.select(scores, 1, 6, 2, places)).isEqualTo(2);
      assertThat(places).startsWith(1, 3);
    }
  }

  @Test
  void clampsToWhatThereIs() {
    for (TopKKernel kernel : kernels()) {
      int[] places = new int[2];
      assertThat(kernel.select(new float[] {3, 1}, 0, 2, 100, places)).isEqualTo(2);
      assertThat(places).containsExactly(0, 1);
      assertThat(kernel.select(new float[0], 0, 0, 5, places)).isZero();
      assertThat(kernel.select(new float[] {3, 1}, 0, 2, 0, places)).isZero();
      assertThatThrownBy(() -> kernel.select(new float[] {1, 2, 3}, 0, 3, 3, places))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> kernel.select(new float[] {1}, 0, 2, 1, places))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void takesNanAsTheSmallestAndBothZerosAsOne() {
    float nan = Float.NaN;
    float[] scores = {nan, -0f, Float.NEGATIVE_INFINITY, 0f, nan, -1};
    for (TopKKernel kernel : kernels()) {
      int[] places = new int[6];
      kernel.select(scores, 0, 6, 1, places);
      assertThat(places[0]).isEqualTo(1);
      kernel.select(scores, 0, 6, 4, places);
      assertThat(places).startsWith(0, 1, 3, 5);
    }
  }

  @Test
  void agreesWithASortOfAllWhateverTheScores() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    List<IntFunction<Float>> shapes =
        List.of(
            i -> (float) random.nextGaussian(),
            i -> (float) random.nextInt(4),
            i -> (float) Math.exp(20 * random.nextGaussian()),
            i -> (float) i,
            i -> (float) -i,
            i -> 1f,
            i -> i % 4096 == 7 ? (float) random.nextDouble() : -1f,
            i -> random.nextInt(8) == 0 ? Float.NaN : (float) random.nextGaussian());
    for (int count : new int[] {1, 15, 16, 17, 100, 4095, 4096, 4097, 20_011}) {
      for (IntFunction<Float> shape : shapes) {
        float[] scores = new float[count + 3];
        for (int i = 0; i < count; i++) {
          scores[2 + i] = shape.apply(i);
        }
        for (int k : new int[] {1, 2, 16, count / 64, count / 2, count - 1, count}) {
          int[] expected = sorted(scores, 2, count, k);
          for (TopKKernel kernel : kernels()) {
            int[] places = new int[Math.max(1, k)];
            int written = kernel.select(scores, 2, count, k, places);
            assertThat(Arrays.copyOf(places, written))
                .as("seed %d count %d k %d %s", seed, count, k, kernel.getClass())
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  private static int[] sorted(float[] scores, int at, int count, int k) {
    Comparator<Integer> largest =
        Comparator.comparing(
            (Integer i) -> {
              float score = scores[at + i];
              return Float.isNaN(score) ? Float.NEGATIVE_INFINITY : score;
            },
            Comparator.reverseOrder());
    return IntStream.range(0, count)
        .boxed()
        .sorted(largest.thenComparing(Comparator.naturalOrder()))
        .limit(k)
        .mapToInt(i -> i)
        .sorted()
        .toArray();
  }
}
