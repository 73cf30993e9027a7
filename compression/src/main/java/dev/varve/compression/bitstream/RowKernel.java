package dev.varve.compression.bitstream;

import dev.varve.store.kernel.Backend;

/**
 * The inner loops of decoding. All kernels give the same bits: every multiplication and addition is
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
   * {@code rows[to + i] = rows[from + i] * weight + (symbols[at + i] - limit) * step}.
   *
   * @param symbols 0 to 30
   */
  void add(
      byte[] symbols,
      int at,
      int limit,
      float step,
      float[] rows,
      int from,
      float weight,
      int to,
      int count);

  /** Converts {@code numbers[i] = (symbols[at + i] - limit) * scale + (low[at + i] - half)}. */
  void join(byte[] symbols, byte[] low, int at, int limit, float scale, int half, float[] numbers);

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
