package dev.varve.compression.bitstream;

import dev.varve.store.kernel.Backend;

/**
 * The inner loops over rows. All kernels give the same bits: every multiplication and addition is
 * rounded to single precision, none are fused. Stateless.
 */
interface RowKernel {

  /** The kernel of {@code backend}. */
  static RowKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarRowKernel();
      case VECTOR -> new VectorRowKernel();
    };
  }

  /**
   * {@code numbers[i] = (symbols[i] - limit) * step} for all {@code i < count}.
   *
   * @param symbols 0 to 30
   */
  void scale(byte[] symbols, int count, int limit, float step, float[] numbers);

  /** {@code numbers[i] = ((symbols[i] - limit) * scale + (low[i] - half)) * step}. */
  void join(
      byte[] symbols,
      byte[] low,
      int count,
      int limit,
      float scale,
      int half,
      float step,
      float[] numbers);

  /**
   * Finds the symbols that are 0 or {@code top} among the first {@code count}.
   *
   * @param places gets where they are, as far as there is room
   * @return how many there are
   */
  int ends(byte[] symbols, int count, int top, int[] places);

  /**
   * Adds numbers to what predicts them, row after row: {@code rows[(row + 1) * channels + i] =
   * rows[from[row] + i] * weights[row] + numbers[at + i]} for {@code count} rows from {@code row}
   * on.
   *
   * @param numbers the rows one behind the other, from {@code at} on
   */
  void add(
      float[] numbers,
      int at,
      float[] rows,
      int[] from,
      float[] weights,
      int row,
      int count,
      int channels);

  /** {@code target[to + i] = rows[from + i] + means[mean + i]} for all {@code i < count}. */
  void shift(float[] rows, int from, float[] means, int mean, float[] target, int to, int count);

  /**
   * {@code x = rows[from + i] + means[mean + i]}, turned: {@code target[to + i] = x cos - y sin}
   * and {@code target[to + pairs + i] = x sin + y cos} with {@code y} the element {@code pairs}
   * after {@code x}, for all {@code i < pairs}.
   */
  void turn(
      float[] rows,
      int from,
      float[] means,
      int mean,
      float[] cosines,
      float[] sines,
      int angle,
      int pairs,
      float[] target,
      int to);
}
