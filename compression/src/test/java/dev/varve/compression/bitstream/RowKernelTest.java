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
    for (int count : COUNTS) {
      byte[] symbols = bytes(count + 3, 31);
      float[] expected = floats(3 * count + 5);
      float[] rows = expected.clone();
      scalar.add(symbols, 3, 15, 0.37f, expected, 2, 0.75f, count + 4, count);
      vector.add(symbols, 3, 15, 0.37f, rows, 2, 0.75f, count + 4, count);
      assertThat(rows).as("%d, seed %d", count, seed).containsExactly(expected);
    }
  }

  @Test
  void joinsTheSameBits() {
    for (int count : COUNTS) {
      byte[] symbols = bytes(count + 3, 31);
      byte[] low = bytes(count + 3, 16);
      float[] expected = new float[count];
      float[] numbers = new float[count];
      scalar.join(symbols, low, 3, 15, 16, 8, expected);
      vector.join(symbols, low, 3, 15, 16, 8, numbers);
      assertThat(numbers).as("%d, seed %d", count, seed).containsExactly(expected);
      assertThat(expected[0]).isEqualTo((symbols[3] - 15) * 16 + low[3] - 8);
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
