package dev.varve.compression.predicted;

/**
 * Linear maps of least squared error with a penalty on large weights, a thousandth of the mean
 * variance of the inputs; biases are free (Hoerl and Kennard, 1970). Solved in double precision by
 * Cholesky's factors.
 */
final class RidgeRegression {
  private static final double PENALTY = 1e-3;
  private static final double LEAST_PENALTY = 1e-12;
  private static final float LARGEST = 65504f;

  private final int inputs;
  private final int outputs;
  private final double[] inputMeans;
  private final double[] outputMeans;
  private final double[][] gram;
  private final double[][] products;

  private RidgeRegression(int inputs, int outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.inputMeans = new double[inputs];
    this.outputMeans = new double[outputs];
    this.gram = new double[inputs][inputs];
    this.products = new double[inputs][outputs];
  }

  /**
   * The numbers of a {@link LinearMap}, each within binary16.
   *
   * @param in {@code [rows][inputs]}
   * @param out {@code [rows][outputs]}
   */
  static float[] fit(float[] in, int inputs, float[] out, int outputs, int rows) {
    RidgeRegression regression = new RidgeRegression(inputs, outputs);
    means(in, inputs, rows, regression.inputMeans);
    means(out, outputs, rows, regression.outputMeans);
    regression.sum(in, out, rows);
    regression.solve();
    return regression.numbers();
  }

  private static void means(float[] numbers, int width, int rows, double[] means) {
    for (int i = 0; i < rows * width; i++) {
      means[i % width] += (double) numbers[i] / rows;
    }
  }

  private void sum(float[] in, float[] out, int rows) {
    double[] x = new double[inputs];
    double[] y = new double[outputs];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < inputs; i++) {
        x[i] = in[row * inputs + i] - inputMeans[i];
      }
      for (int i = 0; i < outputs; i++) {
        y[i] = out[row * outputs + i] - outputMeans[i];
      }
      for (int i = 0; i < inputs; i++) {
        add(gram[i], x[i], x, i + 1);
        add(products[i], x[i], y, outputs);
      }
    }
  }

  private static void add(double[] sums, double factor, double[] numbers, int count) {
    for (int i = 0; i < count; i++) {
      sums[i] += factor * numbers[i];
    }
  }

  /** Leaves the weights in {@link #products}. */
  private void solve() {
    double trace = 0;
    for (int i = 0; i < inputs; i++) {
      trace += gram[i][i];
    }
    double penalty = Math.max(PENALTY * trace / inputs, LEAST_PENALTY);
    for (int i = 0; i < inputs; i++) {
      gram[i][i] += penalty;
      for (int j = 0; j <= i; j++) {
        double sum = gram[i][j];
        for (int k = 0; k < j; k++) {
          sum -= gram[i][k] * gram[j][k];
        }
        gram[i][j] = i == j ? Math.sqrt(Math.max(sum, LEAST_PENALTY)) : sum / gram[j][j];
      }
    }
    for (int i = 0; i < inputs; i++) {
      for (int k = 0; k < i; k++) {
        add(products[i], -gram[i][k], products[k], outputs);
      }
      scale(products[i], 1 / gram[i][i]);
    }
    for (int i = inputs - 1; i >= 0; i--) {
      for (int k = i + 1; k < inputs; k++) {
        add(products[i], -gram[k][i], products[k], outputs);
      }
      scale(products[i], 1 / gram[i][i]);
    }
  }

  private static void scale(double[] numbers, double factor) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] *= factor;
    }
  }

  private float[] numbers() {
    float[] numbers = new float[LinearMap.numbers(inputs, outputs)];
    double[] biases = outputMeans.clone();
    for (int i = 0; i < inputs; i++) {
      add(biases, -inputMeans[i], products[i], outputs);
      store(products[i], numbers, i * outputs);
    }
    store(biases, numbers, inputs * outputs);
    return numbers;
  }

  private static void store(double[] row, float[] numbers, int at) {
    for (int i = 0; i < row.length; i++) {
      numbers[at + i] = Math.clamp((float) row[i], -LARGEST, LARGEST);
    }
  }
}
