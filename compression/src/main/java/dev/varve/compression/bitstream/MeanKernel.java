package dev.varve.compression.bitstream;

import dev.varve.store.kernel.Backend;

/**
 * The inner loops of {@link ChannelRows} before encoding. All kernels give the same bits: no steps
 * are fused, and sums add row after row. Stateless.
 */
interface MeanKernel {
  /** The kernel of {@code backend}. */
  static MeanKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarMeanKernel();
      case VECTOR -> new VectorMeanKernel();
    };
  }

  /**
   * Turns {@code x = source[from + i]} and {@code y}, the element {@code pairs} after it, back:
   * {@code target[to + i] = x cos + y sin} and {@code target[to + pairs + i] = y cos - x sin} for
   * all {@code i < pairs}.
   */
  void back(
      float[] source,
      int from,
      float[] cosines,
      float[] sines,
      int angle,
      int pairs,
      float[] target,
      int to);

  /**
   * Sums each column.
   *
   * @param rows {@code [count][channels]}
   * @param sums gets one sum for each channel
   */
  void sums(float[] rows, int count, int channels, double[] sums);

  /**
   * Takes {@code means[c]} from each element of column {@code c}.
   *
   * @param rows {@code [count][channels]}
   * @param squares gets the sum of the squares of what is left in each column
   */
  void subtract(float[] rows, int count, int channels, float[] means, double[] squares);
}
