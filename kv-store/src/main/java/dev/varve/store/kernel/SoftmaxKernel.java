package dev.varve.store.kernel;

/**
 * Softmax with its log-sum-exp. Stateless and thread-safe. Safe for logits of any size: the largest
 * is taken off first.
 */
public interface SoftmaxKernel {

  /** The kernel of {@code backend}. */
  static SoftmaxKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarSoftmaxKernel();
      case VECTOR -> new VectorSoftmaxKernel();
    };
  }

  /**
   * Turns {@code logits[at]} and the {@code count - 1} after it into weights that add up to one.
   *
   * @return natural logarithm of the sum of the exponentials; negative infinity, and all weights
   *     zero, if there is no logit or none above negative infinity; NaN if any logit is
   */
  float weigh(float[] logits, int at, int count);
}
