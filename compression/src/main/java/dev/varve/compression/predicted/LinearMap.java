package dev.varve.compression.predicted;

import dev.varve.store.kernel.Backend;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of weighted inputs: {@code out = bias + in[0] * weight[0] + in[1] * weight[1] + ...}, in
 * this order and in single precision, each step rounded, so that every backend gives the same bits.
 * Immutable.
 */
final class LinearMap {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();
  private static final int TILE = 4 * LANES;

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
      for (; done <= outputs - TILE; done += TILE) {
        for (int row = 0; row < rows; row++) {
          tile(in, row * inputs, done, out, row * outputs + done);
        }
      }
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

  /** Four vectors of outputs, whose sums stay in registers. */
  private void tile(float[] in, int at, int from, float[] out, int to) {
    int weights = inputs * outputs + from;
    FloatVector a = FloatVector.fromArray(FLOATS, numbers, weights);
    FloatVector b = FloatVector.fromArray(FLOATS, numbers, weights + LANES);
    FloatVector c = FloatVector.fromArray(FLOATS, numbers, weights + 2 * LANES);
    FloatVector d = FloatVector.fromArray(FLOATS, numbers, weights + 3 * LANES);
    weights = from;
    for (int input = 0; input < inputs; input++) {
      FloatVector x = FloatVector.broadcast(FLOATS, in[at + input]);
      a = a.add(FloatVector.fromArray(FLOATS, numbers, weights).mul(x));
      b = b.add(FloatVector.fromArray(FLOATS, numbers, weights + LANES).mul(x));
      c = c.add(FloatVector.fromArray(FLOATS, numbers, weights + 2 * LANES).mul(x));
      d = d.add(FloatVector.fromArray(FLOATS, numbers, weights + 3 * LANES).mul(x));
      weights += outputs;
    }
    a.intoArray(out, to);
    b.intoArray(out, to + LANES);
    c.intoArray(out, to + 2 * LANES);
    d.intoArray(out, to + 3 * LANES);
  }
}
