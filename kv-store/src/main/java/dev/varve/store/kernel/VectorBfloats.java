package dev.varve.store.kernel;

import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of bfloat16 and floats: twice as many of those in a vector as of these.
 *
 * <p>A vector that is passed to a call that the compiler does not inline becomes an object, and it
 * inlines no call that it has seldom seen made. So loops with these calls stand in methods that are
 * called only where the loop runs: else short rows, seen first, would spoil long ones for good.
 */
final class VectorBfloats {
  private static final VectorSpecies<Integer> INTS = VectorLanes.INTS;
  private static final VectorSpecies<Short> SHORTS = VectorLanes.SHORTS;

  private VectorBfloats() {}

  /** How many of {@code count} elements, from the first, fill whole vectors of bfloat16. */
  static int whole(int count) {
    return count & -SHORTS.length();
  }

  /** Floats of the lower half (part 0) or the upper half (part 1) of the lanes. */
  static FloatVector widened(ShortVector stored, int part) {
    return stored
        .convertShape(ZERO_EXTEND_S2I, INTS, part)
        .reinterpretAsInts()
        .lanewise(LSHL, 16)
        .reinterpretAsFloats();
  }

  /** Bfloats in the lower half (part 0) or the upper half (part -1), beside zeros. */
  static ShortVector narrowed(FloatVector values, int part) {
    IntVector bits = values.reinterpretAsInts();
    IntVector upper = bits.lanewise(LSHR, 16);
    IntVector rounded = bits.add(0x7fff).add(upper.and(1)).lanewise(LSHR, 16);
    return rounded
        .blend(upper.or(0x40), values.compare(NE, values).cast(INTS))
        .convertShape(I2S, SHORTS, part)
        .reinterpretAsShorts();
  }
}
