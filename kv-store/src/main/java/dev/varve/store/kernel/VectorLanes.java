package dev.varve.store.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The lane width of the vector kernels, and the sum of a vector in one fixed order.
 *
 * <p>The species are constants of the class because the compiler turns vector operations into
 * instructions only where it knows the species as a constant; held in a field of a kernel they
 * would be boxed.
 */
final class VectorLanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  static final VectorSpecies<Short> SHORTS = FLOATS.withLanes(short.class);

  /** Floats in a vector: 2, 4, 8 or 16. */
  static final int LANES = FLOATS.length();

  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  private VectorLanes() {}

  static int bits() {
    return FLOATS.vectorBitSize();
  }

  /** {@code columns} rounded up to whole vectors. */
  static int padded(int columns) {
    return (columns + LANES - 1) & -LANES;
  }

  /** Sum of the lanes: halves are added until one lane is left. */
  static float sum(FloatVector v) {
    if (LANES > 8) {
      v = v.add(v.rearrange(BY_8));
    }
    if (LANES > 4) {
      v = v.add(v.rearrange(BY_4));
    }
    if (LANES > 2) {
      v = v.add(v.rearrange(BY_2));
    }
    return v.add(v.rearrange(BY_1)).lane(0);
  }

  private static VectorShuffle<Float> rotation(int lanes) {
    return VectorShuffle.fromOp(FLOATS, lane -> (lane + lanes) & (FLOATS.length() - 1));
  }
}
