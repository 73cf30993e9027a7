package dev.varve.store.kernel;

/**
 * Weighted sums of stored rows: values under attention weights. Owns scratch memory: for one thread
 * at a time. A result depends on the rows and its own weights only.
 */
public interface WeightedSumKernel {

  /** The kernel of {@code backend}. */
  static WeightedSumKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarWeightedSumKernel();
      case VECTOR -> new VectorWeightedSumKernel();
    };
  }

  /**
   * Writes {@code out[q] = sum over r of weights[q][r] * rows[r]}, rows in ascending order.
   *
   * @param weights rows of {@code rows.rows()} floats
   * @param out as many rows as {@code weights}, each of {@code rows.columns()} floats
   */
  void sum(StoredRows rows, FloatRows weights, FloatRows out);
}
