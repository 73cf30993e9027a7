package dev.varve.store.kernel;

/**
 * Sums of stored rows, each row times a weight: the values of a head under attention weights. Owns
 * scratch memory: one instance per thread. Allocates only when a call needs more scratch than every
 * call before.
 */
public interface WeightedSumKernel {

  /** A new kernel of {@code backend}. */
  static WeightedSumKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarWeightedSumKernel();
      case VECTOR -> new VectorWeightedSumKernel();
    };
  }

  /**
   * Writes the sum over {@code r} of {@code weights[v][r] * row r} to row {@code v} of {@code out};
   * zeros if there are no rows. The bits of a result depend on its weights and the rows only, not
   * on the other results.
   *
   * @param rows {@code [r][columns]}, stored
   * @param weights {@code [v][r]}
   * @param out {@code [v][columns]}; must not overlap {@code weights}
   * @throws IllegalArgumentException if {@code out} has not as many rows as {@code weights}
   * @throws IndexOutOfBoundsException if a weight or a result lies outside its array
   */
  void sum(StoredRows rows, FloatRows weights, FloatRows out);
}
