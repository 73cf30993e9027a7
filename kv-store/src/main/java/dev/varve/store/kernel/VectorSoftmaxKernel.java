package dev.varve.store.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors over the caller's array; the last, partial vector goes through a small array whose
 * spare lanes are negative infinity, which the largest ignores and the sum counts as 0.
 */
final class VectorSoftmaxKernel implements SoftmaxKernel {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  private final float[] tail = new float[LANES];

  @Override
  public float softmax(float[] dots, int at, int count, float scale, float cap) {
    if (count == 0) {
      return Float.NEGATIVE_INFINITY;
    }
    int whole = at + (count & -LANES);
    int rest = at + count - whole;
    Arrays.fill(tail, Float.NEGATIVE_INFINITY);
    FloatVector largest = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    for (int i = at; i < whole; i += LANES) {
      FloatVector logits = logits(FloatVector.fromArray(S, dots, i), scale, cap);
      logits.intoArray(dots, i);
      largest = largest.max(logits);
    }
    if (rest > 0) {
      System.arraycopy(dots, whole, tail, 0, rest);
      logits(FloatVector.fromArray(S, tail, 0), scale, cap).intoArray(tail, 0);
      Arrays.fill(tail, rest, LANES, Float.NEGATIVE_INFINITY);
      largest = largest.max(FloatVector.fromArray(S, tail, 0));
    }
    float max = VectorLanes.max(largest);
    FloatVector sums = FloatVector.zero(S);
    for (int i = at; i < whole; i += LANES) {
      FloatVector e = VectorExp.exp(FloatVector.fromArray(S, dots, i).sub(max));
      e.intoArray(dots, i);
      sums = sums.add(e);
    }
    FloatVector e = VectorExp.exp(FloatVector.fromArray(S, tail, 0).sub(max));
    float sum = VectorLanes.sum(sums.add(e));
    for (int i = at; i < whole; i += LANES) {
      FloatVector.fromArray(S, dots, i).div(sum).intoArray(dots, i);
    }
    e.div(sum).intoArray(tail, 0);
    System.arraycopy(tail, 0, dots, whole, rest);
    return (float) (max + StrictMath.log(sum));
  }

  private static FloatVector logits(FloatVector dots, float scale, float cap) {
    FloatVector logits = dots.mul(scale);
    return cap == 0 ? logits : VectorExp.tanh(logits.div(cap)).mul(cap);
  }
}
