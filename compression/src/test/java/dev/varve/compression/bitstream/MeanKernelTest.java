package dev.varve.compression.bitstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.kernel.Backend;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MeanKernelTest {
  private static final int[] COUNTS = {1, 3, 7, 8, 15, 16, 17, 33, 64, 100};

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final MeanKernel scalar = MeanKernel.of(Backend.SCALAR);
  private final MeanKernel vector = MeanKernel.of(Backend.VECTOR);

  @Test
  void turnsBackByTheSameAngles() {
    for (int pairs : COUNTS) {
      float[] source = floats(2 * pairs + 1);
      float[] cosines = floats(pairs + 3);
      float[] sines = floats(pairs + 3);
      float[] expected = new float[2 * pairs + 4];
      float[] target = new float[2 * pairs + 4];
      scalar.back(source, 1, cosines, sines, 3, pairs, expected, 4);
      vector.back(source, 1, cosines, sines, 3, pairs, target, 4);
      assertThat(target).as("%d, seed %d", pairs, seed).containsExactly(expected);
      assertThat(expected[4]).isEqualTo(source[1] * cosines[3] + source[1 + pairs] * sines[3]);
    }
  }

  @Test
  void findsTheSameSums() {
    for (int channels : COUNTS) {
      float[] rows = floats(5 * channels + 9);
      double[] expected = new double[channels + 1];
      double[] sums = new double[channels + 1];
      scalar.sums(rows, 5, channels, expected);
      vector.sums(rows, 5, channels, sums);
      assertThat(sums).as("%d, seed %d", channels, seed).containsExactly(expected);
      double sum = 0;
      for (int row = 0; row < 5; row++) {
        sum += rows[row * channels];
      }
      assertThat(expected[0]).isEqualTo(sum);
    }
  }

  @Test
  void takesOutTheSameMeans() {
    for (int channels : COUNTS) {
      float[] means = floats(channels);
      float[] expectedRows = floats(5 * channels + 9);
      float[] rows = expectedRows.clone();
      float first = rows[0] - means[0];
      double[] expected = new double[channels];
      double[] squares = new double[channels];
      scalar.subtract(expectedRows, 5, channels, means, expected);
      vector.subtract(rows, 5, channels, means, squares);
      assertThat(rows).as("%d, seed %d", channels, seed).containsExactly(expectedRows);
      assertThat(squares).as("%d, seed %d", channels, seed).containsExactly(expected);
      assertThat(expectedRows[0]).isEqualTo(first);
    }
  }

  private float[] floats(int count) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }
}
