package dev.varve.compression.quantize;

import jdk.incubator.vector.FloatVector;

/**
 * How the loops of this package that use vectors are written, so that the compiler makes the same
 * of them whatever ran before in the process:
 *
 * <ul>
 *   <li>No method takes or returns a vector and no vector lives from one round to the next: where
 *       the compiler does not inline the one, or does not know the exact class of the other, it
 *       puts vectors into objects.
 *   <li>A loop works on eight vectors a round, written out. That makes its method larger than what
 *       the compiler inlines into others (325 bytes of bytecode), so that it is always compiled
 *       alone, and never so deep within its callers that what it calls is no longer inlined.
 *   <li>What a loop does depends on no parameter: bits, groups and symmetry choose the method.
 * </ul>
 */
final class VectorLoops {
  /** Vectors of a round. */
  static final int ROUND = 8;

  private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

  private VectorLoops() {}

  /** The shift with which all vectors belong to one group. */
  static final int ONE_GROUP = Integer.SIZE - 1;

  /**
   * Of which power of two the pairs of vectors of a group are the number: pair {@code p} belongs to
   * group {@code p >> shift}. Negative if they are no whole pairs, or no power of two.
   */
  static int shift(int group) {
    int pairs = group / (2 * LANES);
    return group % (2 * LANES) == 0 && Integer.bitCount(pairs) == 1
        ? Integer.numberOfTrailingZeros(pairs)
        : -1;
  }
}
