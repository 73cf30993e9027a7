package dev.varve.store.kernel;

import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * Converts between floats and stored little-endian elements of one {@link Dtype}. Narrowing rounds
 * to nearest even; NaN stays NaN and infinity stays infinity; both backends give the same bits (the
 * payload of a NaN apart). Stateless and thread-safe.
 */
public interface DtypeKernel {

  /** The kernel of {@code backend} for {@code dtype}. */
  static DtypeKernel of(Backend backend, Dtype dtype) {
    return switch (backend) {
      case SCALAR -> new ScalarDtypeKernel(dtype);
      case VECTOR -> new VectorDtypeKernel(dtype);
    };
  }

  /**
   * Reads {@code count} elements from byte {@code offset} of {@code source} into {@code target[at]}
   * and up.
   *
   * @throws IndexOutOfBoundsException if either range lies outside
   */
  void load(MemorySegment source, long offset, float[] target, int at, int count);

  /**
   * Writes {@code source[at]} and up as {@code count} elements from byte {@code offset} of {@code
   * target}.
   *
   * @throws IndexOutOfBoundsException if either range lies outside
   */
  void store(float[] source, int at, int count, MemorySegment target, long offset);
}
