package dev.varve.compression.bitstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.kernel.Backend;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SearchKernelTest {
  private static final int[] COUNTS = {1, 7, 15, 16, 17, 31, 32, 33, 64, 100};

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final SearchKernel scalar = SearchKernel.of(Backend.SCALAR);
  private final SearchKernel vector = SearchKernel.of(Backend.VECTOR);

  @Test
  void findsTheSameCodes() {
    for (int count : COUNTS) {
      float[] rows = new float[count];
      for (int i = 0; i < count; i++) {
        rows[i] = (float) (5 * random.nextGaussian());
      }
      byte[] expected = new byte[count + 1];
      byte[] codes = new byte[count + 1];
      scalar.codes(rows, count, 16, expected);
      vector.codes(rows, count, 16, codes);
      assertThat(codes).as("%d, seed %d", count, seed).containsExactly(expected);
      assertThat(expected[0]).isEqualTo((byte) Math.clamp((int) (rows[0] * 16), -127, 127));
      float[] expectedWide = new float[count + 2];
      float[] wide = new float[count + 2];
      scalar.widen(codes, 1, count, expectedWide, 2);
      vector.widen(codes, 1, count, wide, 2);
      assertThat(wide).as("%d, seed %d", count, seed).containsExactly(expectedWide);
      assertThat(wide[count + 1]).isEqualTo(codes[count]);
    }
  }

  /** With so many channels the largest sums are no longer exact in single precision. */
  @Test
  void findsTheSameProducts() {
    for (int channels : new int[] {1, 16, 129, 2000}) {
      int stride = 96;
      float[] codes = new float[channels * stride];
      for (int i = 0; i < codes.length; i++) {
        codes[i] = 127 - random.nextInt(1 + random.nextInt(255));
      }
      for (int row = 0; row < 80; row += SearchKernel.ROWS) {
        int first = random.nextInt(row / 32 + 1) * 32;
        float[] expected = new float[SearchKernel.ROWS * stride];
        float[] products = new float[SearchKernel.ROWS * stride];
        scalar.products(codes, stride, channels, row, first, row + 4, expected);
        vector.products(codes, stride, channels, row, first, row + 4, products);
        for (int r = 0; r < SearchKernel.ROWS; r++) {
          for (int other = first; other < row + 4; other++) {
            assertThat(products[r * stride + other])
                .as("%d channels, row %d, seed %d", channels, row + r, seed)
                .isEqualTo(expected[r * stride + other]);
          }
        }
        if (channels == 16) {
          float product = 0;
          for (int c = 0; c < channels; c++) {
            product += codes[c * stride + row + 1] * codes[c * stride + first];
          }
          assertThat(expected[stride + first]).isEqualTo(product);
        }
      }
    }
  }

  @Test
  void findsTheSameBestRow() {
    for (int count : COUNTS) {
      for (int trial = 0; trial < 50; trial++) {
        int first = random.nextInt(20);
        int end = first + count;
        float[] squares = new float[end + 32];
        float[] products = new float[end + 40];
        for (int i = 0; i < end; i++) {
          squares[i] = 1 + random.nextInt(8);
          products[i + 5] = random.nextInt(8);
        }
        float bound = -random.nextInt(200);
        int expected = scalar.best(products.clone(), 5, squares, first, end, bound);
        int best = vector.best(products, 5, squares, first, end, bound);
        assertThat(best).as("%d from %d, seed %d", count, first, seed).isEqualTo(expected);
        if (best >= 0) {
          assertThat(best).isBetween(first, end - 1);
          assertThat(least(squares[best], products[5 + best])).isLessThan(bound);
        }
      }
    }
    assertThat(vector.best(new float[32], 0, new float[32], 0, 0, 0)).isEqualTo(-1);
    assertThat(scalar.best(new float[32], 0, new float[32], 0, 0, 0)).isEqualTo(-1);
  }

  private static float least(float square, float product) {
    float four = 16 * square - 32 * product;
    float three = 9 * square - 24 * product;
    return Math.min(Math.min(four, three), 4 * square - 16 * product);
  }
}
