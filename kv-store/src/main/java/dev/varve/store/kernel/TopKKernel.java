package dev.varve.store.kernel;

/**
 * The places of the largest of many scores. Exact: of equal scores the lower place wins, and both
 * zeros are equal. NaN counts as negative infinity. Owns scratch memory: one instance per thread.
 * Allocates only when a call needs more scratch than every call before.
 */
public interface TopKKernel {

  /** A new kernel of {@code backend}. */
  static TopKKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarTopKKernel();
      case VECTOR -> new VectorTopKKernel();
    };
  }

  /**
   * Writes the places of the {@code k} largest of {@code scores[at]} to {@code scores[at + count -
   * 1]}, counted from {@code at} and in ascending order, to {@code places} from 0.
   *
   * @return how many were written: the smaller of {@code k} and {@code count}
   * @throws IndexOutOfBoundsException if the scores lie outside their array or {@code places} is
   *     too short
   */
  int select(float[] scores, int at, int count, int k, int[] places);
}
