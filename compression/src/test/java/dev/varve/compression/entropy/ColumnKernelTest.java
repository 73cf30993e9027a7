package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ColumnKernelTest {
  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final ColumnKernel scalar = ColumnKernel.of(Backend.SCALAR);
  private final ColumnKernel vector = ColumnKernel.of(Backend.VECTOR);

  @Test
  void countsTheSame() {
    for (int columns : new int[] {1, 16, 63, 64, 65, 130}) {
      for (int rows : new int[] {1, 128, 255, 256, 700}) {
        int levels = 1 + random.nextInt(32);
        int stride = (columns + 63) / 64 * 64;
        byte[] symbols = symbols(rows * columns, levels);
        float[] expected = new float[32 * stride];
        float[] counts = new float[32 * stride];
        Arrays.fill(counts, -1);
        scalar.count(symbols, rows, columns, levels, expected, stride);
        vector.count(symbols, rows, columns, levels, counts, stride);
        for (int column = 0; column < columns; column++) {
          float sum = 0;
          for (int level = 0; level < levels; level++) {
            int at = level * stride + column;
            assertThat(counts[at])
                .as("%d rows, %d columns, %d levels, seed %d", rows, columns, levels, seed)
                .isEqualTo(expected[at]);
            sum += expected[at];
          }
          assertThat(sum).isEqualTo(rows);
        }
      }
    }
  }

  @Test
  void findsTheSameCheapestTables() {
    for (int columns : new int[] {1, 31, 64, 130}) {
      for (int levels : new int[] {1, 2, 5, 31, 32}) {
        int stride = (columns + 63) / 64 * 64;
        float[] counts = new float[levels * stride];
        for (int i = 0; i < counts.length; i++) {
          counts[i] = random.nextInt(1 + random.nextInt(128));
        }
        float[] costs = ShapeBank.of(levels).costs();
        float[] expectedBits = new float[stride];
        int[] expected = new int[stride];
        float[] bits = new float[stride];
        int[] choice = new int[stride];
        scalar.cheapest(counts, stride, columns, levels, costs, expectedBits, expected);
        vector.cheapest(counts, stride, columns, levels, costs, bits, choice);
        assertThat(Arrays.copyOf(choice, columns))
            .as("%d columns, %d levels, seed %d", columns, levels, seed)
            .containsExactly(Arrays.copyOf(expected, columns));
        assertThat(Arrays.copyOf(bits, columns))
            .containsExactly(Arrays.copyOf(expectedBits, columns));
      }
    }
  }

  /** As a plain sum over every table finds it. */
  @Test
  void choosesTheShapeThatWritesAColumnSmallest() {
    int rows = 200;
    int levels = 21;
    byte[] symbols = new byte[ShapeChoice.room(rows * 3)];
    for (int i = 0; i < rows * 3; i++) {
      double number = Math.rint(10 + random.nextGaussian() * (1 + i % 3 * 2));
      symbols[i] = (byte) Math.clamp(number, 0, levels - 1);
    }
    for (Backend backend : Backend.values()) {
      ShapeChoice choice = new ShapeChoice(backend);
      choice.choose(symbols, rows, 3, levels);
      double sum = 0;
      for (int column = 0; column < 3; column++) {
        int[] counts = new int[256];
        for (int row = 0; row < rows; row++) {
          counts[symbols[row * 3 + column]]++;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int table = 0; table < ShapeBank.TABLES; table++) {
          least = Math.min(least, ShapeBank.of(levels).frequencies(table).bits(counts));
        }
        double chosen =
            ShapeBank.of(levels).frequencies(choice.plan().choice()[column]).bits(counts);
        assertThat(chosen).as("seed %d", seed).isBetween(least, least + 0.01);
        sum += chosen;
      }
      assertThat(choice.bytes()).as("seed %d", seed).isBetween(3 + sum / 8 - 1, 3 + sum / 8 + 1);
    }
  }

  private byte[] symbols(int count, int levels) {
    byte[] symbols = new byte[ShapeChoice.room(count)];
    for (int i = 0; i < count; i++) {
      symbols[i] = (byte) random.nextInt(levels);
    }
    return symbols;
  }
}
