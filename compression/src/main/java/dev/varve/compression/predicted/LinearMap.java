package dev.varve.compression.predicted;

import dev.varve.store.kernel.Backend;

/**
 * Sums of weighted inputs: {@code out = bias + in[0] * weight[0] + in[1] * weight[1] + ...}, in
 * this order and in single precision, each step rounded, so that every backend gives the same bits.
 * Immutable.
 */
final class LinearMap {
  private final float[] numbers;
  private final int inputs;
  private final int outputs;
  private final Backend backend;

  /**
   * @param numbers {@code [inputs][outputs]} weights, then {@code [outputs]} biases; owned
   */
  LinearMap(float[] numbers, int inputs, int outputs, Backend backend) {
    this.numbers = numbers;
    this.inputs = inputs;
    this.outputs = outputs;
    this.backend = backend;
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
    int done = 0;
    if (backend == Backend.VECTOR) {
      done = new VectorLinearMap(numbers, inputs, outputs).apply(in, rows, out);
    }
    for (int row = 0; row < rows; row++) {
      plain(in, row * inputs, done, out, row * outputs);
    }
  }

  /** The outputs from {@code from} on, all at once, input by input. */
  private void plain(float[] in, int at, int from, float[] out, int to) {
    System.arraycopy(numbers, inputs * outputs + from, out, to + from, outputs - from);
    for (int input = 0; input < inputs; input++) {
      float x = in[at + input];
      int weights = input * outputs;
      for (int i = from; i < outputs; i++) {
        out[to + i] += x * numbers[weights + i];
      }
    }
  }
}
