package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DotKernelTest {
  private static final int[] ROWS = {0, 1, 3, 8, 17, 31, 129};
  private static final int[] COLUMNS = {1, 3, 8, 13, 64, 80, 128, 576};
  private static final int[] BATCHES = {0, 1, 2, 4, 7};

  private static List<DotKernel> kernels() {
    List<DotKernel> kernels = new ArrayList<>();
    for (Backend backend : Backend.values()) {
      kernels.add(DotKernel.of(backend));
    }
    LaneWidths.ALL.forEach(bits -> kernels.add(LaneWidths.dot(bits)));
    return kernels;
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void agreesWithDoublePrecisionAtAwkwardSizes(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (DotKernel kernel : kernels()) {
      for (int rows : ROWS) {
        for (int columns : COLUMNS) {
          int batch = BATCHES[random.nextInt(BATCHES.length)];
          RandomRows matrix = RandomRows.of(random, dtype, rows, columns, random.nextInt(3));
          float[] vectors = RandomRows.gaussian(random, 2 + batch * (columns + 1));
          float[] out = new float[5 + batch * (rows + 2)];
          kernel.multiply(
              matrix.stored(),
              new FloatRows().at(vectors, 2, columns + 1, batch),
              new FloatRows().at(out, 5, rows + 2, batch));
          for (int v = 0; v < batch; v++) {
            for (int r = 0; r < rows; r++) {
              double expected = 0;
              double magnitude = 0;
              for (int c = 0; c < columns; c++) {
                double term =
                    (double) matrix.floats()[r * columns + c] * vectors[2 + v * (columns + 1) + c];
                expected += term;
                magnitude += Math.abs(term);
              }
              assertThat((double) out[5 + v * (rows + 2) + r])
                  .as("seed %d %s %d x %d vector %d row %d", seed, kernel, rows, columns, v, r)
                  .isCloseTo(expected, within(1e-6 * magnitude + 1e-30));
            }
            assertThat(out[5 + v * (rows + 2) + rows]).as("gap, seed %d", seed).isZero();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesTheSameBitsInEveryBatchAndEveryRangeOfRows(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int rows = 45;
    int batch = 7;
    for (DotKernel kernel : kernels()) {
      for (int columns : COLUMNS) {
        RandomRows matrix = RandomRows.of(random, dtype, rows, columns, 0);
        float[] vectors = RandomRows.gaussian(random, batch * columns);
        float[] together = new float[batch * rows];
        kernel.multiply(
            matrix.stored(),
            new FloatRows().at(vectors, 0, columns, batch),
            new FloatRows().at(together, 0, rows, batch));
        float[] apart = new float[batch * rows];
        StoredRows some = new StoredRows().layout(dtype, columns);
        for (int from = 0; from < rows; ) {
          int n = Math.min(rows - from, 1 + random.nextInt(11));
          some.at(matrix.stored().bytes(), matrix.stored().offset(from), n);
          for (int v = 0; v < batch; v++) {
            kernel.multiply(
                some,
                new FloatRows().at(vectors, v * columns, columns, 1),
                new FloatRows().at(apart, v * rows + from, n, 1));
          }
          from += n;
        }
        assertThat(apart).as("seed %d columns %d", seed, columns).containsExactly(together);
      }
    }
  }

  @Test
  void givesTheSameBitsInterpretedAndCompiled() {
    SplittableRandom random = new SplittableRandom(7);
    DotKernel kernel = DotKernel.of(Backend.VECTOR);
    RandomRows matrix = RandomRows.of(random, Dtype.F16, 9, 77, 0);
    float[] vectors = RandomRows.gaussian(random, 5 * 77);
    float[] first = new float[45];
    FloatRows in = new FloatRows().at(vectors, 0, 77, 5);
    kernel.multiply(matrix.stored(), in, new FloatRows().at(first, 0, 9, 5));
    float[] later = new float[45];
    for (int i = 0; i < 20_000; i++) {
      kernel.multiply(matrix.stored(), in, new FloatRows().at(later, 0, 9, 5));
    }
    assertThat(later).containsExactly(first);
  }

  @Test
  void refusesOperandsThatDoNotFit() {
    MemorySegment bytes = Arena.ofAuto().allocate(64);
    StoredRows rows = new StoredRows().layout(Dtype.F32, 4);
    assertThatThrownBy(() -> rows.at(bytes, 4, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new StoredRows().layout(Dtype.F32, 4, 15))
        .hasMessageContaining("overlap at a stride of 15");
    rows.at(bytes, 0, 4);
    for (DotKernel kernel : kernels()) {
      FloatRows two = new FloatRows().at(new float[8], 0, 4, 2);
      assertThatThrownBy(
              () -> kernel.multiply(rows, two, new FloatRows().at(new float[8], 0, 4, 1)))
          .hasMessage("out must have 2 rows: 1");
      assertThatThrownBy(
              () -> kernel.multiply(rows, two, new FloatRows().at(new float[7], 0, 4, 2)))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(
              () -> kernel.multiply(rows, two, new FloatRows().at(new float[8], 0, 3, 2)))
          .hasMessageContaining("overlap at a stride of 3");
    }
  }
}
