package dev.varve.compression.gear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.SyntheticKv;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PowerIterationTest {
  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private static double restEnergy(float[] matrix, int rows, int columns, int rank) {
    PowerIteration iteration = new PowerIteration(rows, columns, rank);
    iteration.approximate(matrix, 0, rows);
    double rest = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double element = matrix[i * columns + j];
        for (int k = 0; k < rank; k++) {
          element -= (double) iteration.left()[i * rank + k] * iteration.right()[j * rank + k];
        }
        rest += element * element;
      }
    }
    return rest;
  }

  private static double energy(float[] matrix) {
    double sum = 0;
    for (float element : matrix) {
      sum += (double) element * element;
    }
    return sum;
  }

  private float[] ofRank(int rank, int rows, int columns) {
    float[] left = SyntheticKv.gaussian(random, rows * rank);
    float[] right = SyntheticKv.gaussian(random, columns * rank);
    float[] matrix = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < rank; k++) {
          matrix[i * columns + j] += left[i * rank + k] * right[j * rank + k];
        }
      }
    }
    return matrix;
  }

  /** Tall, wide and square: a matrix read the wrong way round is not recovered. */
  @ParameterizedTest
  @CsvSource({"1, 96, 40", "2, 40, 96", "4, 128, 64", "4, 64, 64", "8, 33, 128"})
  void recoversAMatrixOfExactlyItsRank(int rank, int rows, int columns) {
    float[] matrix = ofRank(rank, rows, columns);
    assertThat(restEnergy(matrix, rows, columns, rank) / energy(matrix))
        .as("seed %d", seed)
        .isLessThan(1e-6);
  }

  @Test
  void reproducesEveryMatrixAtFullRank() {
    float[] matrix = SyntheticKv.gaussian(random, 24 * 16);
    assertThat(restEnergy(matrix, 24, 16, 16) / energy(matrix))
        .as("seed %d", seed)
        .isLessThan(1e-9);
  }

  @Test
  void neverAddsErrorAndErrsLessAtHigherRank() {
    float[] matrix = SyntheticKv.gaussian(random, 100 * 48);
    double before = energy(matrix);
    for (int rank = 1; rank <= 48; rank++) {
      double rest = restEnergy(matrix, 100, 48, rank);
      assertThat(rest).as("rank %d seed %d", rank, seed).isLessThan(before * (1 + 1e-6));
      before = rest;
    }
  }

  @Test
  void givesOrthonormalColumnsOrNone() {
    for (int rank : new int[] {2, 4}) {
      float[] matrix = ofRank(2, 50, 30);
      PowerIteration iteration = new PowerIteration(50, 30, rank);
      iteration.approximate(matrix, 0, 50);
      for (int k = 0; k < rank; k++) {
        for (int other = 0; other <= k; other++) {
          double dot = 0;
          for (int i = 0; i < 50; i++) {
            dot += (double) iteration.left()[i * rank + k] * iteration.left()[i * rank + other];
          }
          if (k == other && k >= 2) {
            // What rounding left of a third direction, or nothing.
            assertThat(dot).isIn(0.0, dot > 0.5 ? dot : 0.0);
          } else {
            assertThat(dot).as("seed %d", seed).isCloseTo(k == other ? 1 : 0, within(1e-4));
          }
        }
      }
    }
  }

  @Test
  void approximatesNothingByNothing() {
    PowerIteration iteration = new PowerIteration(32, 16, 4);
    iteration.approximate(new float[32 * 16], 0, 32);
    assertThat(iteration.left()).containsOnly(0f);
    assertThat(iteration.right()).containsOnly(0f);
  }
}
