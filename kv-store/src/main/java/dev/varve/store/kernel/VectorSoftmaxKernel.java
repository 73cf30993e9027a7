package dev.varve.store.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors at a time, over {@link VectorExp}; what is left of the end goes through a vector
 * too.
 */
final class VectorSoftmaxKernel implements SoftmaxKernel {

  private static final VectorSpecies<Float> FLOATS = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  @Override
  public float weigh(float[] logits, int at, int count) {
    float largest = largest(logits, at, count);
    if (largest == Float.NEGATIVE_INFINITY) {
      Arrays.fill(logits, at, at + count, 0);
      return largest;
    }
    float sum = exponentials(logits, at, count, largest);
    float share = 1 / sum;
    for (int i = at; i < at + count; i++) {
      logits[i] *= share;
    }
    return (float) (largest + Math.log(sum));
  }

  private static float largest(float[] logits, int at, int count) {
    float largest = Float.NEGATIVE_INFINITY;
    int i = 0;
    if (count >= LANES) {
      FloatVector most = FloatVector.fromArray(FLOATS, logits, at);
      for (i = LANES; i <= count - LANES; i += LANES) {
        most = most.max(FloatVector.fromArray(FLOATS, logits, at + i));
      }
      largest = most.reduceLanes(VectorOperators.MAX);
    }
    for (; i < count; i++) {
      largest = Math.max(largest, logits[at + i]);
    }
    return largest;
  }

  private static float exponentials(float[] logits, int at, int count, float largest) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector weight = VectorExp.of(FloatVector.fromArray(FLOATS, logits, at + i).sub(largest));
      weight.intoArray(logits, at + i);
      sum = sum.add(weight);
    }
    float total = VectorLanes.sum(sum);
    for (; i < count; i++) {
      logits[at + i] =
          VectorExp.of(FloatVector.broadcast(FLOATS, logits[at + i] - largest)).lane(0);
      total += logits[at + i];
    }
    return total;
  }
}
