package dev.varve.compression.bitstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.kernel.Backend;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RowKernelTest {
  private static final int[] COUNTS = {1, 7, 8, 15, 16, 17, 31, 33, 64, 100, 129};

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final RowKernel scalar = RowKernel.of(Backend.SCALAR);
  private final RowKernel vector = RowKernel.of(Backend.VECTOR);

  @Test
  void addsTheSameNumbersToTheSameRows() {
    for (int channels : COUNTS) {
      float[] numbers = floats(5 * channels + 3);
      float[] expected = floats(8 * channels);
      float[] rows = expected.clone();
      int[] from = {0, 0, channels, 0, 4 * channels, channels, 6 * channels};
      float[] weights = {1, 1, 0.75f, 0.5f, 1, 0.5f, 1};
      scalar.add(numbers, 3, expected, from, weights, 2, 5, channels);
      vector.add(numbers, 3, rows, from, weights, 2, 5, channels);
      assertThat(rows).as("%d, seed %d", channels, seed).containsExactly(expected);
      float last = rows[6 * channels] + numbers[3 + 4 * channels];
      assertThat(rows[7 * channels]).isEqualTo(last);
    }
  }

  @Test
  void scalesTheSameSymbols() {
    for (int count : COUNTS) {
      byte[] symbols = bytes(count, 31);
      float[] expected = new float[count + 1];
      float[] numbers = new float[count + 1];
      scalar.scale(symbols, count, 15, 0.37f, expected);
      vector.scale(symbols, count, 15, 0.37f, numbers);
      assertThat(numbers).as("%d, seed %d", count, seed).containsExactly(expected);
      assertThat(expected[0]).isEqualTo((symbols[0] - 15) * 0.37f);
    }
  }

  @Test
  void joinsTheSameBits() {
    for (int count : COUNTS) {
      byte[] symbols = bytes(count, 31);
      byte[] low = bytes(count, 16);
      float[] expected = new float[count + 1];
      float[] numbers = new float[count + 1];
      scalar.join(symbols, low, count, 15, 16, 8, 0.5f, expected);
      vector.join(symbols, low, count, 15, 16, 8, 0.5f, numbers);
      assertThat(numbers).as("%d, seed %d", count, seed).containsExactly(expected);
      assertThat(expected[0]).isEqualTo(((symbols[0] - 15) * 16 + low[0] - 8) / 2f);
    }
  }

  @Test
  void findsTheSameEnds() {
    for (int count : COUNTS) {
      for (int most : new int[] {0, 2, count}) {
        byte[] symbols = bytes(count + 5, 31);
        int[] expected = new int[most];
        int[] places = new int[most];
        int found = scalar.ends(symbols, count, 30, expected);
        assertThat(vector.ends(symbols, count, 30, places)).as("seed %d", seed).isEqualTo(found);
        assertThat(places).as("%d, seed %d", count, seed).containsExactly(expected);
      }
    }
  }

  @Test
  void shiftsByTheSameMeans() {
    for (int count : COUNTS) {
      float[] rows = floats(count + 1);
      float[] means = floats(count + 2);
      float[] expected = new float[count + 4];
      float[] target = new float[count + 4];
      scalar.shift(rows, 1, means, 2, expected, 3, count);
      vector.shift(rows, 1, means, 2, target, 3, count);
      assertThat(target).as("%d, seed %d", count, seed).containsExactly(expected);
      assertThat(target[3]).isEqualTo(rows[1] + means[2]);
    }
  }

  @Test
  void turnsByTheSameAngles() {
    for (int pairs : COUNTS) {
      float[] rows = floats(2 * pairs + 1);
      float[] means = floats(2 * pairs + 2);
      float[] cosines = floats(pairs + 3);
      float[] sines = floats(pairs + 3);
      float[] expected = new float[2 * pairs + 4];
      float[] target = new float[2 * pairs + 4];
      scalar.turn(rows, 1, means, 2, cosines, sines, 3, pairs, expected, 4);
      vector.turn(rows, 1, means, 2, cosines, sines, 3, pairs, target, 4);
      assertThat(target).as("%d, seed %d", pairs, seed).containsExactly(expected);
    }
  }

  private byte[] bytes(int count, int bound) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) random.nextInt(bound);
    }
    return bytes;
  }

  private float[] floats(int count) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }
}
