package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightedSumKernelTest {
  private static final int[] ROWS = {0, 1, 3, 8, 17, 31, 129};
  private static final int[] COLUMNS = {1, 3, 8, 13, 64, 80, 128, 576};

  private static List<WeightedSumKernel> kernels() {
    List<WeightedSumKernel> kernels = new ArrayList<>();
    for (Backend backend : Backend.values()) {
      kernels.add(WeightedSumKernel.of(backend));
    }
    LaneWidths.ALL.forEach(bits -> kernels.add(LaneWidths.weightedSum(bits)));
    return kernels;
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void agreesWithDoublePrecisionAtAwkwardSizes(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (WeightedSumKernel kernel : kernels()) {
      for (int rows : ROWS) {
        for (int columns : COLUMNS) {
          int batch = random.nextInt(8);
          RandomRows matrix = RandomRows.of(random, dtype, rows, columns, random.nextInt(3));
          float[] weights = RandomRows.gaussian(random, 1 + batch * (rows + 1));
          float[] out = RandomRows.gaussian(random, 3 + batch * columns);
          kernel.sum(
              matrix.stored(),
              new FloatRows().at(weights, 1, rows + 1, batch),
              new FloatRows().at(out, 3, columns, batch));
          for (int v = 0; v < batch; v++) {
            for (int c = 0; c < columns; c++) {
              double expected = 0;
              double magnitude = 0;
              for (int r = 0; r < rows; r++) {
                double term =
                    (double) matrix.floats()[r * columns + c] * weights[1 + v * (rows + 1) + r];
                expected += term;
                magnitude += Math.abs(term);
              }
              assertThat((double) out[3 + v * columns + c])
                  .as("seed %d %d x %d result %d column %d", seed, rows, columns, v, c)
                  .isCloseTo(expected, within(2e-6 * magnitude + 1e-30));
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesTheSameBitsInEveryBatch(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int rows = 131;
    int batch = 7;
    for (WeightedSumKernel kernel : kernels()) {
      for (int columns : COLUMNS) {
        RandomRows matrix = RandomRows.of(random, dtype, rows, columns, 0);
        float[] weights = RandomRows.gaussian(random, batch * rows);
        float[] together = new float[batch * columns];
        kernel.sum(
            matrix.stored(),
            new FloatRows().at(weights, 0, rows, batch),
            new FloatRows().at(together, 0, columns, batch));
        float[] apart = new float[batch * columns];
        for (int v = 0; v < batch; v++) {
          kernel.sum(
              matrix.stored(),
              new FloatRows().at(weights, v * rows, rows, 1),
              new FloatRows().at(apart, v * columns, columns, 1));
        }
        assertThat(apart).as("seed %d columns %d", seed, columns).containsExactly(together);
      }
    }
  }

  @Test
  void refusesOperandsThatDoNotFit() {
    RandomRows matrix = RandomRows.of(new SplittableRandom(1), Dtype.F32, 3, 4, 0);
    for (WeightedSumKernel kernel : kernels()) {
      FloatRows weights = new FloatRows().at(new float[6], 0, 3, 2);
      assertThatThrownBy(
              () -> kernel.sum(matrix.stored(), weights, new FloatRows().at(new float[8], 0, 4, 1)))
          .hasMessage("out must have 2 rows: 1");
      assertThatThrownBy(() ->
              kernel.sum(
                  matrix.stored(),
                  new FloatRows().at(new float[5], 0, 3, 2),
                  new FloatRows().at(new float[8], 0, 4, 2)))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
