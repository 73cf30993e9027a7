package dev.varve.compression.lossless;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ByteTranspositionTest {

  @Test
  void movesEveryByteToItsMirrorPlace() {
    SplittableRandom random = new SplittableRandom(1);
    for (int rows : new int[] {0, 1, 7, 8, 9, 16, 31, 128}) {
      for (int columns : new int[] {1, 5, 8, 15, 64, 65}) {
        int from = 3;
        byte[] source = new byte[from + rows * columns + 2];
        random.nextBytes(source);
        byte[] target = new byte[source.length];
        ByteTransposition.of(source, target, from, rows, columns);
        for (int row = 0; row < rows; row++) {
          for (int column = 0; column < columns; column++) {
            assertThat(target[from + column * rows + row])
                .as("%d x %d at %d, %d", rows, columns, row, column)
                .isEqualTo(source[from + row * columns + column]);
          }
        }
        assertThat(target[0] + target[target.length - 1]).isZero();
      }
    }
  }
}
