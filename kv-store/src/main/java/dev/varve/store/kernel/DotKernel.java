package dev.varve.store.kernel;

/**
 * Dot products of stored rows with a batch of vectors: the keys of a head with its queries, or a
 * weight matrix with activations. Owns scratch memory: one instance per thread. Allocates only when
 * a call needs more scratch than every call before.
 */
public interface DotKernel {

  /** A new kernel of {@code backend}. */
  static DotKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarDotKernel();
      case VECTOR -> new VectorDotKernel();
    };
  }

  /**
   * Writes {@code dot(row r, vector v)} to element {@code r} of row {@code v} of {@code out}. The
   * bits of a result depend on its row and its vector only, not on the others.
   *
   * @param rows {@code [r][columns]}, stored
   * @param vectors {@code [v][columns]}
   * @param out {@code [v][r]}; must not overlap {@code vectors}
   * @throws IllegalArgumentException if {@code out} has not as many rows as {@code vectors}
   * @throws IndexOutOfBoundsException if a vector or a result lies outside its array
   */
  void multiply(StoredRows rows, FloatRows vectors, FloatRows out);
}
