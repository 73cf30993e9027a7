package dev.varve.compression.bitstream;

import dev.varve.store.kernel.Backend;

/**
 * The inner loops of the search for {@link References}. All kernels give the same bits. Stateless.
 */
interface SearchKernel {
  /** Rows whose products are found at once. */
  int ROWS = 4;

  /** Rows for which there must be room in multiples of so many. */
  int PADDING = 32;

  /** The largest magnitude of a code. */
  int LARGEST = 127;

  /** The kernel of {@code backend}. */
  static SearchKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarSearchKernel();
      case VECTOR -> new VectorSearchKernel();
    };
  }

  /** {@code codes[i] = rows[i] * scale}, towards zero and at most {@link #LARGEST} either way. */
  void codes(float[] rows, int count, float scale, byte[] codes);

  /** {@code target[to + i] = codes[from + i]} for all {@code i < count}. */
  void widen(byte[] codes, int from, int count, float[] target, int to);

  /**
   * Inner products of {@link #ROWS} rows from {@code row} on with the rows from {@code first} to
   * {@code end}: {@code products[r * stride + other]} adds {@code codes[c][row + r] *
   * codes[c][other]} by fused steps in the order of channels.
   *
   * @param codes {@code [channels][stride]}, zero where there is no row
   * @param stride a multiple of {@link #PADDING}
   * @param first a multiple of {@link #PADDING}
   * @param products {@code [ROWS][stride]}; from {@code end} on it may be overwritten
   */
  void products(
      float[] codes, int stride, int channels, int row, int first, int end, float[] products);

  /**
   * The last of the rows from {@code first} to {@code end} that leaves the smallest error, or -1 if
   * none is below {@code bound}. The error of a row is the least of {@code q * q * squares - 8q *
   * product} with {@code q} of 4, 3 and 2.
   *
   * @param products the product of each row from {@code at} on; what lies from {@code at + end} to
   *     the next multiple of {@link #PADDING} may be overwritten
   * @param bound at most 0
   */
  int best(float[] products, int at, float[] squares, int first, int end, float bound);

  /** {@code q * q * square - 8q * product} without fused steps. */
  static float error(int quarters, float square, float product) {
    return quarters * quarters * square - 8 * quarters * product;
  }
}
