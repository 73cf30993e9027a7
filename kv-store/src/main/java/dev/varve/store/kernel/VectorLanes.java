package dev.varve.store.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The lane width of the vector kernels, and sums over lanes in one fixed order: lane {@code i} is
 * added to lane {@code i + h} for {@code h} = half the lanes, then a quarter, down to 1.
 *
 * <p>The species are constants of the class because the compiler turns vector operations into
 * instructions only where it knows the species as a constant; held in a field of a kernel they
 * would be boxed. For the same reason vectors pass between the kernels' methods through arrays: a
 * call that is not inlined boxes its vectors.
 */
final class VectorLanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  static final VectorSpecies<Short> SHORTS = FLOATS.withLanes(short.class);

  /** Floats in a vector: 2, 4, 8 or 16. */
  static final int LANES = FLOATS.length();

  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorMask<Float> UPPER_8 = upper(8);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_1 = upper(1);

  private VectorLanes() {}

  static int bits() {
    return FLOATS.vectorBitSize();
  }

  /** {@code columns} rounded up to whole vectors. */
  static int padded(int columns) {
    return (columns + LANES - 1) & -LANES;
  }

  /** The sum of the one vector at {@code v[0]}; overwrites it. */
  static float sum(float[] v) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        v[i] += v[i + half];
      }
    }
    return v[0];
  }

  /**
   * The sums of {@code LANES} vectors in each of {@code groups} interleaved groups: vector {@code
   * i} of group {@code g} lies at {@code v[(i * groups + g) * LANES]}, its sum becomes {@code v[g *
   * LANES + i]}, the rest is overwritten.
   *
   * <p>Each step makes one vector of two, so that the work is shared: the lower part of the lanes
   * goes on with the first vector's sums, the upper part with the second's.
   */
  static void sums(float[] v, int groups) {
    int step = groups * LANES;
    if (LANES > 8) {
      for (int i = 0; i < 8 * step; i += LANES) {
        FloatVector a = FloatVector.fromArray(FLOATS, v, i);
        FloatVector b = FloatVector.fromArray(FLOATS, v, i + 8 * step);
        a.blend(b, UPPER_8).add(b.blend(a, UPPER_8).rearrange(SWAP_8)).intoArray(v, i);
      }
    }
    if (LANES > 4) {
      for (int i = 0; i < 4 * step; i += LANES) {
        FloatVector a = FloatVector.fromArray(FLOATS, v, i);
        FloatVector b = FloatVector.fromArray(FLOATS, v, i + 4 * step);
        a.blend(b, UPPER_4).add(b.blend(a, UPPER_4).rearrange(SWAP_4)).intoArray(v, i);
      }
    }
    if (LANES > 2) {
      for (int i = 0; i < 2 * step; i += LANES) {
        FloatVector a = FloatVector.fromArray(FLOATS, v, i);
        FloatVector b = FloatVector.fromArray(FLOATS, v, i + 2 * step);
        a.blend(b, UPPER_2).add(b.blend(a, UPPER_2).rearrange(SWAP_2)).intoArray(v, i);
      }
    }
    for (int i = 0; i < step; i += LANES) {
      FloatVector a = FloatVector.fromArray(FLOATS, v, i);
      FloatVector b = FloatVector.fromArray(FLOATS, v, i + step);
      a.blend(b, UPPER_1).add(b.blend(a, UPPER_1).rearrange(SWAP_1)).intoArray(v, i);
    }
  }

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ distance) & (FLOATS.length() - 1));
  }

  private static VectorMask<Float> upper(int distance) {
    long bits = 0;
    for (int lane = 0; lane < FLOATS.length(); lane++) {
      bits |= (lane & distance) == 0 ? 0 : 1L << lane;
    }
    return VectorMask.fromLong(FLOATS, bits);
  }
}
