package dev.varve.compression.bitstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NumberKernelTest {
  private static final int[] COUNTS = {1, 7, 15, 16, 17, 31, 33, 64, 100};

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final NumberKernel scalar = NumberKernel.of(Backend.SCALAR);
  private final NumberKernel vector = NumberKernel.of(Backend.VECTOR);

  @Test
  void findsTheSameNumbersOfARow() {
    for (int channels : COUNTS) {
      for (float step : new float[] {0.01f, 0.7f, 1e6f}) {
        float[] rows = floats(3 * channels);
        float[] expectedDecoded = floats(4 * channels);
        float[] decoded = expectedDecoded.clone();
        int[] expected = new int[3 * channels];
        int[] numbers = new int[3 * channels];
        int any =
            scalar.quantize(
                rows, channels, channels, expectedDecoded, 0, 0.75f, step, 0.45f, expected);
        assertThat(
                vector.quantize(rows, channels, channels, decoded, 0, 0.75f, step, 0.45f, numbers))
            .isEqualTo(any);
        assertThat(any == 0).isEqualTo(Arrays.stream(expected).allMatch(number -> number == 0));
        assertThat(numbers).as("%d, seed %d", channels, seed).containsExactly(expected);
        assertThat(decoded).as("%d, seed %d", channels, seed).containsExactly(expectedDecoded);
        for (int i = 0; i < channels; i++) {
          assertThat(Math.abs(decoded[2 * channels + i] - rows[channels + i]))
              .as("%d, seed %d", channels, seed)
              .isLessThan(0.551f * step);
        }
      }
    }
  }

  @Test
  void findsTheSameRange() {
    for (int count : COUNTS) {
      int[] numbers = numbers(count + 1, 300);
      int[] expected = new int[2];
      int[] range = new int[2];
      scalar.range(numbers, count, expected);
      vector.range(numbers, count, range);
      assertThat(range).as("%d, seed %d", count, seed).containsExactly(expected);
      assertThat(expected[0]).isLessThanOrEqualTo(Math.min(0, numbers[0]));
      assertThat(expected[1]).isGreaterThanOrEqualTo(Math.max(0, numbers[0]));
    }
  }

  @Test
  void splitsTheSameNumbers() {
    for (int count : COUNTS) {
      for (int lowBits : new int[] {0, 1, 2, 4}) {
        int half = BitstreamLayout.half(lowBits);
        int[] numbers = numbers(count, 400);
        byte[] expected = new byte[count + 1];
        byte[] symbols = new byte[count + 1];
        byte[] expectedLow = new byte[count + 1];
        byte[] low = new byte[count + 1];
        scalar.split(numbers, count, half, lowBits, 15, expected, expectedLow);
        vector.split(numbers, count, half, lowBits, 15, symbols, low);
        assertThat(symbols).as("%d, seed %d", count, seed).containsExactly(expected);
        assertThat(low).as("%d, seed %d", count, seed).containsExactly(expectedLow);
        int beyond = scalar.beyond(numbers, count, half, lowBits, 15);
        assertThat(vector.beyond(numbers, count, half, lowBits, 15))
            .as("%d, seed %d", count, seed)
            .isEqualTo(beyond);
        int ends = 0;
        for (int i = 0; i < count; i++) {
          boolean end = symbols[i] == 0 || symbols[i] == 30;
          ends += end ? 1 : 0;
          if (!end) {
            assertThat(((symbols[i] - 15) << lowBits) + low[i] - half).isEqualTo(numbers[i]);
          }
        }
        assertThat(ends).isEqualTo(beyond);
      }
    }
  }

  private int[] numbers(int count, int bound) {
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextInt(-bound, bound + 1);
    }
    return numbers;
  }

  private float[] floats(int count) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }
}
