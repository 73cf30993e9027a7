package dev.varve.compression.predicted;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** A {@link LinearMap} in lanes, for as many outputs as fill whole tiles; the same bits. */
final class VectorLinearMap {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();
  private static final int TILE = 4 * LANES;

  private final float[] numbers;
  private final int inputs;
  private final int outputs;

  /**
   * @param numbers as {@link LinearMap} has them; borrowed
   */
  VectorLinearMap(float[] numbers, int inputs, int outputs) {
    this.numbers = numbers;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * Maps {@code rows} rows to their first outputs.
   *
   * @return how many outputs of every row are done
   */
  int apply(float[] in, int rows, float[] out) {
    int done = 0;
    for (; done <= outputs - TILE; done += TILE) {
      for (int row = 0; row < rows; row++) {
        tile(in, row * inputs, done, out, row * outputs + done);
      }
    }
    return done;
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
