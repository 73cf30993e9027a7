package dev.varve.compression.entropy;

import dev.varve.store.kernel.Backend;

/**
 * The inner loops of {@link ShapeChoice}, over columns of symbols side by side. All kernels give
 * the same bits. Stateless.
 */
interface ColumnKernel {
  /** Columns for which there must be room in multiples of so many. */
  int PADDING = 64;

  /** The kernel of {@code backend}. */
  static ColumnKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarColumnKernel();
      case VECTOR -> new VectorColumnKernel();
    };
  }

  /**
   * Counts each symbol in each column.
   *
   * @param symbols {@code [rows][columns]}, each below {@code levels}, and {@link #PADDING} bytes
   *     of anything behind them
   * @param counts gets {@code [levels][stride]}; what lies from {@code columns} on is anything
   * @param stride {@code columns} rounded up to a multiple of {@link #PADDING}
   */
  void count(byte[] symbols, int rows, int columns, int levels, float[] counts, int stride);

  /**
   * Finds the first of the cheapest tables for each column: the sum over all levels of count times
   * cost, added by fused steps in the order of levels.
   *
   * @param counts as {@link #count} gives them
   * @param costs {@code [tables][levels]}
   * @param bits gets the sum of each column with its table; {@code stride} long
   * @param choice gets the table of each column; {@code stride} long
   */
  void cheapest(
      float[] counts,
      int stride,
      int columns,
      int levels,
      float[] costs,
      float[] bits,
      int[] choice);
}
