package dev.varve.store.kernel;

/**
 * Dot products of stored rows with float vectors: keys with queries, weights with activations. Owns
 * scratch memory: for one thread at a time. A result depends on its row and its vector only, not on
 * what else is computed in the same call.
 */
public interface DotKernel {

  /** The kernel of {@code backend}. */
  static DotKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarDotKernel();
      case VECTOR -> new VectorDotKernel();
    };
  }

  /**
   * Writes {@code out[v][r] = rows[r] . vectors[v]}.
   *
   * @param vectors rows of {@code rows.columns()} floats
   * @param out as many rows as {@code vectors}, each of {@code rows.rows()} floats
   */
  void multiply(StoredRows rows, FloatRows vectors, FloatRows out);
}
