package dev.varve.store.kernel;

import java.util.Arrays;

/** The definition, in double precision where it matters. */
final class ScalarSoftmaxKernel implements SoftmaxKernel {

  @Override
  public float weigh(float[] logits, int at, int count) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = at; i < at + count; i++) {
      largest = Math.max(largest, logits[i]);
    }
    if (largest == Float.NEGATIVE_INFINITY) {
      Arrays.fill(logits, at, at + count, 0);
      return largest;
    }
    double sum = 0;
    for (int i = at; i < at + count; i++) {
      double weight = Math.exp((double) logits[i] - largest);
      logits[i] = (float) weight;
      sum += weight;
    }
    for (int i = at; i < at + count; i++) {
      logits[i] = (float) (logits[i] / sum);
    }
    return (float) (largest + Math.log(sum));
  }
}
