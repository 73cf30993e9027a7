package dev.varve.store.kernel;

/** Two passes: the largest logit, then exponentials of what is below it. */
final class ScalarSoftmaxKernel implements SoftmaxKernel {
  @Override
  public float softmax(
      float[] dots, int at, int count, float scale, float cap, float[] bias, int biasAt) {
    if (count == 0) {
      return Float.NEGATIVE_INFINITY;
    }
    float max = Float.NEGATIVE_INFINITY;
    for (int i = at; i < at + count; i++) {
      float logit = scale * dots[i];
      dots[i] = cap == 0 ? logit : (float) (cap * StrictMath.tanh(logit / cap));
      if (bias.length > 0) {
        dots[i] += bias[biasAt + i - at];
      }
      max = Math.max(max, dots[i]);
    }
    double sum = 0;
    for (int i = at; i < at + count; i++) {
      dots[i] = (float) StrictMath.exp(dots[i] - max);
      sum += dots[i];
    }
    for (int i = at; i < at + count; i++) {
      dots[i] = (float) (dots[i] / sum);
    }
    return (float) (max + StrictMath.log(sum));
  }

  @Override
  public void addShares(Products products, float factor, float[] sums, int to) {
    float[] shares = new float[products.count()];
    System.arraycopy(products.dots(), products.at(), shares, 0, shares.length);
    softmax(shares, 0, shares.length, products.scale(), products.cap());
    for (int i = 0; i < shares.length; i++) {
      sums[to + i] += factor * shares[i];
    }
  }
}
