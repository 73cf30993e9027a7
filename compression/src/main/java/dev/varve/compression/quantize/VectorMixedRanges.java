package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.UMAX;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Ranges of groups of 32 numbers in vectors of 512 bits, where a group has numbers of both signs:
 * then the largest number is the largest of the bits as signed integers and the smallest number the
 * largest of them as unsigned ones, and no number needs to be turned into an integer that ascends
 * with it. Four groups are folded into one vector, in which the highest fill one half and the
 * lowest, with their sign turned, the other.
 *
 * <p>Written by the rules of this package.
 */
final class VectorMixedRanges {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_512;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_512;
  private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;
  private static final int LANES = FLOATS.length();
  private static final int SIGN = Integer.MIN_VALUE;

  private static final VectorMask<Integer> HALF = lanesWith(8);
  private static final VectorMask<Integer> QUARTER = lanesWith(4);
  private static final VectorMask<Integer> EIGHTH = lanesWith(2);
  private static final VectorShuffle<Integer> SWAP_HALVES = swap(8);
  private static final VectorShuffle<Integer> SWAP_QUARTERS = swap(4);
  private static final VectorShuffle<Integer> SWAP_EIGHTHS = swap(2);
  private static final VectorShuffle<Integer> SWAP_LANES = swap(1);
  private static final IntVector SIGNS = IntVector.zero(INTS).blend(SIGN, HALF);

  /** Group {@code i} of four ended in lanes whose bit 2 is its bit 0 and whose bit 1 its bit 1. */
  private static final VectorShuffle<Float> HIGHEST =
      VectorShuffle.fromOp(FLOATS, i -> ((i & 1) << 2) | (i & 2));

  private static final VectorShuffle<Float> LOWEST =
      VectorShuffle.fromOp(FLOATS, i -> 8 | ((i & 1) << 2) | (i & 2));

  /** Numbers of a group. */
  static final int GROUP = 32;

  private VectorMixedRanges() {}

  private static VectorMask<Integer> lanesWith(int bit) {
    return VectorMask.fromLong(INTS, bit == 8 ? 0xff00L : bit == 4 ? 0xf0f0L : 0xccccL);
  }

  private static VectorShuffle<Integer> swap(int bit) {
    return VectorShuffle.fromOp(INTS, i -> i ^ bit);
  }

  /**
   * Ranges of the groups from {@code first} on, up to one of four that has numbers of one sign
   * only.
   *
   * @return the first group without a range
   */
  static int of(float[] values, int at, int first, int groups, float[] lowest, float[] highest) {
    int g = first;
    for (; g <= groups - 4; g += 4) {
      int from = at + g * GROUP;
      IntVector v0 = FloatVector.fromArray(FLOATS, values, from).reinterpretAsInts();
      IntVector v1 = FloatVector.fromArray(FLOATS, values, from + LANES).reinterpretAsInts();
      IntVector h0 = v0.max(v1);
      IntVector l0 = v0.lanewise(UMAX, v1).lanewise(XOR, SIGN);
      IntVector f0 = h0.blend(l0, HALF).max(l0.blend(h0, HALF).rearrange(SWAP_HALVES));
      IntVector v2 = FloatVector.fromArray(FLOATS, values, from + 2 * LANES).reinterpretAsInts();
      IntVector v3 = FloatVector.fromArray(FLOATS, values, from + 3 * LANES).reinterpretAsInts();
      IntVector h1 = v2.max(v3);
      IntVector l1 = v2.lanewise(UMAX, v3).lanewise(XOR, SIGN);
      IntVector f1 = h1.blend(l1, HALF).max(l1.blend(h1, HALF).rearrange(SWAP_HALVES));
      IntVector v4 = FloatVector.fromArray(FLOATS, values, from + 4 * LANES).reinterpretAsInts();
      IntVector v5 = FloatVector.fromArray(FLOATS, values, from + 5 * LANES).reinterpretAsInts();
      IntVector h2 = v4.max(v5);
      IntVector l2 = v4.lanewise(UMAX, v5).lanewise(XOR, SIGN);
      IntVector f2 = h2.blend(l2, HALF).max(l2.blend(h2, HALF).rearrange(SWAP_HALVES));
      IntVector v6 = FloatVector.fromArray(FLOATS, values, from + 6 * LANES).reinterpretAsInts();
      IntVector v7 = FloatVector.fromArray(FLOATS, values, from + 7 * LANES).reinterpretAsInts();
      IntVector h3 = v6.max(v7);
      IntVector l3 = v6.lanewise(UMAX, v7).lanewise(XOR, SIGN);
      IntVector f3 = h3.blend(l3, HALF).max(l3.blend(h3, HALF).rearrange(SWAP_HALVES));
      IntVector p0 = f0.blend(f1, QUARTER).max(f1.blend(f0, QUARTER).rearrange(SWAP_QUARTERS));
      IntVector p1 = f2.blend(f3, QUARTER).max(f3.blend(f2, QUARTER).rearrange(SWAP_QUARTERS));
      IntVector q = p0.blend(p1, EIGHTH).max(p1.blend(p0, EIGHTH).rearrange(SWAP_EIGHTHS));
      IntVector ends = q.max(q.rearrange(SWAP_LANES));
      if (ends.lt(0).anyTrue()) {
        break;
      }
      FloatVector numbers = ends.lanewise(XOR, SIGNS).reinterpretAsFloats();
      ((FloatVector) numbers.rearrange(HIGHEST).reinterpretShape(FOUR, 0)).intoArray(highest, g);
      ((FloatVector) numbers.rearrange(LOWEST).reinterpretShape(FOUR, 0)).intoArray(lowest, g);
    }
    return g;
  }
}
