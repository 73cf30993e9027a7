package dev.varve.compression.bitstream;

import dev.varve.store.kernel.Backend;

/**
 * The inner loops that make numbers of rows and symbols of numbers. All kernels give the same bits:
 * no steps are fused. Stateless.
 */
interface NumberKernel {
  /** The kernel of {@code backend}. */
  static NumberKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarNumberKernel();
      case VECTOR -> new VectorNumberKernel();
    };
  }

  /**
   * Makes numbers of one row against its prediction {@code p = decoded[from + i] * weight}: {@code
   * numbers[at + i]} is {@code (rows[at + i] - p) / step}, its magnitude rounded up from 1 - {@code
   * rounding} on; {@code decoded[at + channels + i] = p + number * step}.
   *
   * @return 0 if all numbers are
   */
  int quantize(
      float[] rows,
      int at,
      int channels,
      float[] decoded,
      int from,
      float weight,
      float step,
      float rounding,
      int[] numbers);

  /** The smallest and the largest of 0 and {@code count} numbers. */
  void range(int[] numbers, int count, int[] range);

  /**
   * How many of {@code (numbers[i] + half) >> lowBits} have a magnitude of {@code most} or more.
   */
  int beyond(int[] numbers, int count, int half, int lowBits, int most);

  /**
   * {@code symbols[i] = clamp(high, -limit, limit) + limit} with {@code high = (numbers[i] + half)
   * >> lowBits}; where there are low bits, {@code low[i]} gets them.
   */
  void split(
      int[] numbers, int count, int half, int lowBits, int limit, byte[] symbols, byte[] low);
}
