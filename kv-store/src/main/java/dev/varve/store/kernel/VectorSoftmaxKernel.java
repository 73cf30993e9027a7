package dev.varve.store.kernel;

import static jdk.incubator.vector.VectorOperators.MAX;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors over a copy that ends in negative infinities, which the largest ignores and the sum
 * counts as 0.
 */
final class VectorSoftmaxKernel implements SoftmaxKernel {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;

  private final float[] lanes = new float[LANES];
  private float[] logits = {};

  @Override
  public float softmax(
      float[] dots, int at, int count, float scale, float cap, float[] bias, int biasAt) {
    if (count == 0) {
      return Float.NEGATIVE_INFINITY;
    }
    float max = exponentiate(dots, at, count, scale, cap, bias, biasAt);
    float sum = VectorLanes.sum(lanes);
    divide(VectorLanes.padded(count), sum);
    System.arraycopy(logits, 0, dots, at, count);
    return (float) (max + StrictMath.log(sum));
  }

  @Override
  public void addShares(Products products, float factor, float[] sums, int to) {
    int count = products.count();
    if (count == 0) {
      return;
    }
    exponentiate(
        products.dots(), products.at(), count, products.scale(), products.cap(), NO_BIAS, 0);
    float each = factor / VectorLanes.sum(lanes);
    int whole = count & -LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector share = FloatVector.fromArray(S, logits, i).mul(each);
      share.add(FloatVector.fromArray(S, sums, to + i)).intoArray(sums, to + i);
    }
    for (int i = whole; i < count; i++) {
      sums[to + i] += each * logits[i];
    }
  }

  /**
   * Leaves {@code exp(logit - max)} in {@link #logits}, padded with zeros, and sums of the lanes.
   */
  private float exponentiate(
      float[] dots, int at, int count, float scale, float cap, float[] bias, int biasAt) {
    int padded = VectorLanes.padded(count);
    if (logits.length < padded) {
      logits = new float[padded];
    }
    System.arraycopy(dots, at, logits, 0, count);
    if (cap == 0) {
      scale(padded, scale);
    } else {
      scaleAndCap(padded, scale, cap);
    }
    for (int i = 0; bias.length > 0 && i < count; i++) {
      logits[i] += bias[biasAt + i];
    }
    Arrays.fill(logits, count, padded, Float.NEGATIVE_INFINITY);
    float max = largest(padded);
    exponentials(padded, max);
    return max;
  }

  private void scale(int padded, float scale) {
    for (int i = 0; i < padded; i += LANES) {
      FloatVector.fromArray(S, logits, i).mul(scale).intoArray(logits, i);
    }
  }

  private void scaleAndCap(int padded, float scale, float cap) {
    for (int i = 0; i < padded; i += LANES) {
      FloatVector x = FloatVector.fromArray(S, logits, i).mul(scale).div(cap);
      VectorExp.tanh(x).mul(cap).intoArray(logits, i);
    }
  }

  private float largest(int padded) {
    FloatVector largest = FloatVector.fromArray(S, logits, 0);
    for (int i = LANES; i < padded; i += LANES) {
      largest = largest.max(FloatVector.fromArray(S, logits, i));
    }
    return largest.reduceLanes(MAX);
  }

  /** Leaves the sums of the lanes in {@link #lanes}. */
  private void exponentials(int padded, float max) {
    FloatVector sums = FloatVector.zero(S);
    for (int i = 0; i < padded; i += LANES) {
      FloatVector e = VectorExp.exp(FloatVector.fromArray(S, logits, i).sub(max));
      e.intoArray(logits, i);
      sums = sums.add(e);
    }
    sums.intoArray(lanes, 0);
  }

  private void divide(int padded, float sum) {
    for (int i = 0; i < padded; i += LANES) {
      FloatVector.fromArray(S, logits, i).div(sum).intoArray(logits, i);
    }
  }
}
