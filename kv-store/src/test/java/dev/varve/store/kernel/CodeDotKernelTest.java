package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CodeDotKernelTest {

  private static List<CodeDotKernel> kernels() {
    List<CodeDotKernel> kernels = new ArrayList<>();
    for (Backend backend : Backend.values()) {
      kernels.add(CodeDotKernel.of(backend));
    }
    LaneWidths.ALL.forEach(bits -> kernels.add(LaneWidths.codeDot(bits)));
    return kernels;
  }

  @Test
  void multipliesAKnownRow() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[] {(byte) 0x21, (byte) 0xf3, -5, 7});
    for (CodeDotKernel kernel : kernels()) {
      float[] out = new float[1];
      CodeRows nibbles = new CodeRows().layout(4, 4).at(bytes, 0, 1);
      kernel.multiply(nibbles, rows(new float[] {1, 10, 100, 1000}, 1, 4), rows(out, 1, 1));
      assertThat(out[0]).isEqualTo(1 + 30 + 200 + 15_000f);
      CodeRows codes = new CodeRows().layout(8, 2).at(bytes, 2, 1);
      kernel.multiply(codes, rows(new float[] {2, 3}, 1, 2), rows(out, 1, 1));
      assertThat(out[0]).isEqualTo(11f);
    }
  }

  @Test
  void agreesWithTheScalarKernelAtAwkwardSizes() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    CodeDotKernel judge = CodeDotKernel.of(Backend.SCALAR);
    for (int bits : new int[] {8, 4}) {
      for (int columns : new int[] {2, 16, 30, 32, 48, 64, 100, 128, 130}) {
        for (int count : new int[] {1, 3, 16, 17, 33}) {
          for (int vectors : new int[] {1, 3, 4, 5, 8}) {
            MemorySegment bytes = bytes(random, count * columns + 5);
            CodeRows codes = new CodeRows().layout(bits, columns).at(bytes, 3, count);
            FloatRows x = rows(RandomRows.gaussian(random, vectors * columns), vectors, columns);
            float[] expected = new float[vectors * count];
            judge.multiply(codes, x, rows(expected, vectors, count));
            for (CodeDotKernel kernel : kernels()) {
              float[] out = new float[vectors * count];
              kernel.multiply(codes, x, rows(out, vectors, count));
              for (int i = 0; i < out.length; i++) {
                assertThat(out[i])
                    .as("seed %d bits %d columns %d rows %d", seed, bits, columns, count)
                    .isCloseTo(expected[i], within(2e-3f));
              }
            }
          }
        }
      }
    }
  }

  @Test
  void refusesViewsThatDoNotFit() {
    assertThatThrownBy(() -> new CodeRows().layout(5, 4)).hasMessageContaining("8 or 4 bits: 5");
    assertThatThrownBy(() -> new CodeRows().layout(4, 3)).hasMessageContaining("even: 3");
    CodeRows codes = new CodeRows().layout(8, 4);
    MemorySegment bytes = MemorySegment.ofArray(new byte[7]);
    assertThatThrownBy(() -> codes.at(bytes, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    codes.at(bytes, 0, 1);
    for (CodeDotKernel kernel : kernels()) {
      assertThatThrownBy(
              () -> kernel.multiply(codes, rows(new float[8], 2, 4), rows(new float[1], 1, 1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static FloatRows rows(float[] values, int rows, int columns) {
    return new FloatRows().at(values, 0, columns, rows);
  }

  private static MemorySegment bytes(SplittableRandom random, int count) {
    MemorySegment bytes = Arena.ofAuto().allocate(count);
    for (int i = 0; i < count; i++) {
      bytes.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
    }
    return bytes;
  }
}
