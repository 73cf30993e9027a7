package dev.varve.store.kernel;

/**
 * Turns raw dot products into softmax weights. Owns scratch memory: one instance per thread.
 * Allocates only when a call needs more scratch than every call before.
 */
public interface SoftmaxKernel {

  /** Adds nothing to any logit, whatever their number. */
  float[] NO_BIAS = {};

  /** A new kernel of {@code backend}. */
  static SoftmaxKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarSoftmaxKernel();
      case VECTOR -> new VectorSoftmaxKernel();
    };
  }

  /**
   * Replaces each dot product {@code x} of {@code dots[at]} to {@code dots[at + count - 1]} by its
   * share of {@code exp(logit(x))}, where {@code logit(x) = scale * x}, or {@code cap * tanh(scale
   * * x / cap)} if {@code cap} is not 0. The shares add up to 1; finite logits of any size do not
   * overflow, and one NaN makes all of them NaN.
   *
   * @return the natural logarithm of the sum of {@code exp(logit)}; negative infinity if {@code
   *     count} is 0
   */
  default float softmax(float[] dots, int at, int count, float scale, float cap) {
    return softmax(dots, at, count, scale, cap, NO_BIAS, 0);
  }

  /**
   * The same with {@code bias[biasAt + i]} added to the logit of {@code dots[at + i]}, after the
   * cap: a slot that stands for {@code w} equal rows has the bias {@code ln w}.
   *
   * @param bias {@link #NO_BIAS} for none
   */
  float softmax(float[] dots, int at, int count, float scale, float cap, float[] bias, int biasAt);

  /**
   * Adds {@code factor} times the shares that {@link #softmax} would find for {@code products} to
   * as many elements of {@code sums} from {@code sums[to]} on. The dot products stay as they are.
   */
  void addShares(Products products, float factor, float[] sums, int to);

  /**
   * Dot products whose shares are wanted.
   *
   * @param dots the array that holds them
   * @param at index of the first
   * @param count how many
   * @param scale factor on each
   * @param cap as for {@link #softmax}
   */
  @SuppressWarnings("ArrayRecordComponent") // borrowed, never compared
  record Products(float[] dots, int at, int count, float scale, float cap) {}
}
