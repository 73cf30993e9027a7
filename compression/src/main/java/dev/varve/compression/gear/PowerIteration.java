package dev.varve.compression.gear;

import dev.varve.compression.SplitMix;
import java.util.Arrays;

/**
 * The best approximation of rank {@code r} of a matrix, nearly: block power iteration from a fixed
 * random start, as in PowerSGD (Vogels et al., 2019), with the basis made orthonormal in every
 * round. {@code A = left * right^T}, with the columns of {@code left} orthonormal or zero, is the
 * projection of the matrix on their span, so its error is never above that of no correction, and
 * falls with the rank. For one thread at a time.
 */
final class PowerIteration {
  private static final int ROUNDS = 3;
  private static final int ROWS = 4;
  private static final long SEED = 0x5eed_0fea;

  /** A column that keeps less of its length than this is a combination of those before it. */
  private static final double DEPENDENT = 1e-6;

  private final int columns;
  private final int rank;
  private final float[] left;
  private final float[] right;
  private final float[] column;

  /** For matrices of up to {@code rows} rows. */
  PowerIteration(int rows, int columns, int rank) {
    this.columns = columns;
    this.rank = rank;
    this.left = new float[rows * rank];
    this.right = new float[columns * rank];
    this.column = new float[columns];
  }

  /** {@code [rows][rank]}, of the last matrix. */
  float[] left() {
    return left;
  }

  /** {@code [columns][rank]}, of the last matrix. */
  float[] right() {
    return right;
  }

  /** Approximates {@code [rows][columns]} from {@code at}. */
  void approximate(float[] matrix, int at, int rows) {
    start();
    for (int round = 1; round <= ROUNDS; round++) {
      orthonormalize(right, columns);
      multiply(matrix, at, rows);
      if (round == ROUNDS) {
        orthonormalize(left, rows);
      }
      multiplyTransposed(matrix, at, rows);
    }
  }

  private void start() {
    for (int k = 0; k < rank; k++) {
      SplitMix random = new SplitMix(SEED + k);
      for (int j = 0; j < columns; j++) {
        right[j * rank + k] = random.next();
      }
    }
  }

  /** left = matrix * right, four rows in turns, for each sum waits for itself. */
  private void multiply(float[] matrix, int at, int rows) {
    for (int k = 0; k < rank; k++) {
      int row = 0;
      for (; row + ROWS <= rows; row += ROWS) {
        multiplyFour(matrix, at + row * columns, row * rank + k, k);
      }
      for (; row < rows; row++) {
        float sum = 0;
        for (int j = 0; j < columns; j++) {
          sum += matrix[at + row * columns + j] * right[j * rank + k];
        }
        left[row * rank + k] = sum;
      }
    }
  }

  private void multiplyFour(float[] matrix, int at, int to, int k) {
    int at1 = at + columns;
    int at2 = at1 + columns;
    int at3 = at2 + columns;
    float sum0 = 0;
    float sum1 = 0;
    float sum2 = 0;
    float sum3 = 0;
    for (int j = 0; j < columns; j++) {
      float factor = right[j * rank + k];
      sum0 += matrix[at + j] * factor;
      sum1 += matrix[at1 + j] * factor;
      sum2 += matrix[at2 + j] * factor;
      sum3 += matrix[at3 + j] * factor;
    }
    left[to] = sum0;
    left[to + rank] = sum1;
    left[to + 2 * rank] = sum2;
    left[to + 3 * rank] = sum3;
  }

  /** right = matrix^T * left, a column of right after the other. */
  private void multiplyTransposed(float[] matrix, int at, int rows) {
    for (int k = 0; k < rank; k++) {
      Arrays.fill(column, 0f);
      for (int i = 0; i < rows; i++) {
        addTimes(matrix, at + i * columns, left[i * rank + k], column);
      }
      for (int j = 0; j < columns; j++) {
        right[j * rank + k] = column[j];
      }
    }
  }

  private static void addTimes(float[] row, int at, float factor, float[] sums) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] += row[at + j] * factor;
    }
  }

  /** Gram-Schmidt, each column against those before it, twice for the sake of rounding. */
  private void orthonormalize(float[] basis, int length) {
    for (int k = 0; k < rank; k++) {
      double before = norm(basis, length, k);
      for (int pass = 0; pass < 2; pass++) {
        for (int other = 0; other < k; other++) {
          subtractProjection(basis, length, k, other);
        }
      }
      double after = norm(basis, length, k);
      float factor = after > DEPENDENT * before ? (float) (1 / after) : 0f;
      for (int i = 0; i < length; i++) {
        basis[i * rank + k] *= factor;
      }
    }
  }

  private void subtractProjection(float[] basis, int length, int k, int other) {
    double dot = 0;
    for (int i = 0; i < length; i++) {
      dot += (double) basis[i * rank + k] * basis[i * rank + other];
    }
    for (int i = 0; i < length; i++) {
      basis[i * rank + k] -= (float) (dot * basis[i * rank + other]);
    }
  }

  private double norm(float[] basis, int length, int k) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (double) basis[i * rank + k] * basis[i * rank + k];
    }
    return Math.sqrt(sum);
  }
}
