package dev.varve.compression.predicted;

/**
 * Sums of weighted inputs: {@code out = bias + in[0] * weight[0] + in[1] * weight[1] + ...}, in
 * this order and in single precision, each step rounded, so that it gives the same bits everywhere.
 * Immutable.
 */
final class LinearMap {
  private static final int UNROLLED = 4;

  private final float[] numbers;
  private final int inputs;
  private final int outputs;

  /**
   * @param numbers {@code [inputs][outputs]} weights, then {@code [outputs]} biases; owned
   */
  LinearMap(float[] numbers, int inputs, int outputs) {
    this.numbers = numbers;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** How many numbers a map has. */
  static int numbers(int inputs, int outputs) {
    return (inputs + 1) * outputs;
  }

  /**
   * Maps {@code rows} rows.
   *
   * @param in {@code [rows][inputs]}
   * @param out {@code [rows][outputs]}
   */
  void apply(float[] in, int rows, float[] out) {
    for (int row = 0; row < rows; row++) {
      System.arraycopy(numbers, inputs * outputs, out, row * outputs, outputs);
    }
    int input = 0;
    for (; input + UNROLLED <= inputs; input += UNROLLED) {
      for (int row = 0; row < rows; row++) {
        four(in, row * inputs + input, input * outputs, out, row * outputs);
      }
    }
    for (; input < inputs; input++) {
      for (int row = 0; row < rows; row++) {
        float x = in[row * inputs + input];
        for (int i = 0; i < outputs; i++) {
          out[row * outputs + i] += x * numbers[input * outputs + i];
        }
      }
    }
  }

  private void four(float[] in, int at, int weights, float[] out, int to) {
    float a = in[at];
    float b = in[at + 1];
    float c = in[at + 2];
    float d = in[at + 3];
    int second = weights + outputs;
    int third = second + outputs;
    int fourth = third + outputs;
    for (int i = 0; i < outputs; i++) {
      float sum = out[to + i] + a * numbers[weights + i];
      sum += b * numbers[second + i];
      sum += c * numbers[third + i];
      out[to + i] = sum + d * numbers[fourth + i];
    }
  }
}
