package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Peaks and ranges of groups that are whole vectors, with one reduction across lanes for each:
 * reductions of groups that follow each other overlap, so that they cost less than vectors that are
 * folded into each other through memory. Numbers are compared as integers that ascend with them:
 * processors compare these at once, while floats take five steps for the sake of zeros and NaNs.
 *
 * <p>Groups of two vectors have loops of their own without a loop inside, which runs a third
 * faster.
 */
final class VectorGroupEnds {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();
  private static final int MAGNITUDE = 0x7fffffff;

  /** Values of two vectors. */
  static final int PAIR = 2 * LANES;

  private VectorGroupEnds() {}

  /** See {@link QuantizeKernel#peaks}. */
  static void peaks(
      float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    int from = at;
    for (int g = 0; g < groups; g++) {
      IntVector most = magnitudes(values, from);
      for (int i = LANES; i < group; i += LANES) {
        most = most.max(magnitudes(values, from + i));
      }
      float peak = Float.intBitsToFloat(most.reduceLanes(MAX));
      highest[g] = peak;
      lowest[g] = -peak;
      from += group;
    }
  }

  /** {@link #peaks} of groups of {@link #PAIR}. */
  static void peaksOfPairs(float[] values, int at, int groups, float[] lowest, float[] highest) {
    for (int g = 0; g < groups; g++) {
      int from = at + g * PAIR;
      IntVector most = magnitudes(values, from).max(magnitudes(values, from + LANES));
      float peak = Float.intBitsToFloat(most.reduceLanes(MAX));
      highest[g] = peak;
      lowest[g] = -peak;
    }
  }

  /** See {@link QuantizeKernel#ranges}. */
  static void ranges(
      float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    int from = at;
    for (int g = 0; g < groups; g++) {
      IntVector low = ordered(values, from);
      IntVector high = low;
      for (int i = LANES; i < group; i += LANES) {
        IntVector next = ordered(values, from + i);
        low = low.min(next);
        high = high.max(next);
      }
      lowest[g] = Float.intBitsToFloat(ordered(low.reduceLanes(MIN)));
      highest[g] = Float.intBitsToFloat(ordered(high.reduceLanes(MAX)));
      from += group;
    }
  }

  /** {@link #ranges} of groups of {@link #PAIR}. */
  static void rangesOfPairs(float[] values, int at, int groups, float[] lowest, float[] highest) {
    for (int g = 0; g < groups; g++) {
      int from = at + g * PAIR;
      IntVector first = ordered(values, from);
      IntVector second = ordered(values, from + LANES);
      lowest[g] = Float.intBitsToFloat(ordered(first.min(second).reduceLanes(MIN)));
      highest[g] = Float.intBitsToFloat(ordered(first.max(second).reduceLanes(MAX)));
    }
  }

  private static IntVector magnitudes(float[] values, int at) {
    return FloatVector.fromArray(FLOATS, values, at).reinterpretAsInts().and(MAGNITUDE);
  }

  /** A vector of values as integers that ascend with them. */
  static IntVector ordered(float[] values, int at) {
    IntVector bits = FloatVector.fromArray(FLOATS, values, at).reinterpretAsInts();
    return bits.lanewise(ASHR, Integer.SIZE - 1L).and(MAGNITUDE).lanewise(XOR, bits);
  }

  /** The same of the bits of one value; its own inverse. */
  static int ordered(int bits) {
    return ((bits >> (Integer.SIZE - 1)) & MAGNITUDE) ^ bits;
  }
}
