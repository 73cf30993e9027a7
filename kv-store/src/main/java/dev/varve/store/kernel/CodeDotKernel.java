package dev.varve.store.kernel;

/**
 * Dot products of rows of codes with a batch of vectors, without writing the codes out as floats.
 * Where a code {@code c} of column {@code i} means {@code scale[i] * c + zero[i]}, the dot product
 * with {@code q} is that of the codes with {@code scale * q}, and a constant, the sum of {@code
 * zero * q}: so a scale that many rows share costs nothing in the row.
 *
 * <p>Owns scratch memory: one instance per thread. Allocates only when a call needs more scratch
 * than every call before.
 */
public interface CodeDotKernel {

  /** A new kernel of {@code backend}. */
  static CodeDotKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarCodeDotKernel();
      case VECTOR -> new VectorCodeDotKernel();
    };
  }

  /**
   * Writes {@code dot(codes of row r, vector v)} to element {@code r} of row {@code v} of {@code
   * out}. The bits of a result depend on its row and its vector only.
   *
   * @param rows {@code [r][columns]}
   * @param vectors {@code [v][columns]}
   * @param out {@code [v][r]}; must not overlap {@code vectors}
   * @throws IllegalArgumentException if {@code out} has not as many rows as {@code vectors}
   * @throws IndexOutOfBoundsException if a vector or a result lies outside its array
   */
  void multiply(CodeRows rows, FloatRows vectors, FloatRows out);
}
