package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The smallest and largest numbers of groups that are whole vectors. Numbers are compared as
 * integers that ascend with them, for the reason that {@link VectorPeaks} has.
 *
 * <p>Written by the rules of this package: groups of two, four and eight vectors have a loop each,
 * of eight vectors a round.
 */
final class VectorRanges {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();
  private static final int MAGNITUDE = 0x7fffffff;
  private static final int SIGN = Integer.SIZE - 1;

  private static final int STRETCH = 16;

  private VectorRanges() {}

  /** See {@link QuantizeKernel#ranges}. */
  static void of(float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    int done =
        switch (group % LANES == 0 ? group / LANES : 0) {
          case 2 -> LANES == 16 ? mixedOrPairs(values, at, groups, lowest, highest) : 0;
          case 4 -> ofQuads(values, at, groups, lowest, highest);
          case 8 -> ofOctets(values, at, groups, lowest, highest);
          default -> 0;
        };
    for (int g = done; g < groups; g++) {
      ofOne(values, at + g * group, group, lowest, g, highest, g);
    }
  }

  /**
   * The range of {@code count} values, at least one, in {@code lowest[l]} and {@code highest[h]}.
   */
  static void ofOne(
      float[] values, int at, int count, float[] lowest, int l, float[] highest, int h) {
    int low = Integer.MAX_VALUE;
    int high = Integer.MIN_VALUE;
    int end = at + count;
    int i = at;
    for (; i <= end - 4 * LANES; i += 4 * LANES) {
      IntVector v0 = FloatVector.fromArray(FLOATS, values, i).reinterpretAsInts();
      IntVector v1 = FloatVector.fromArray(FLOATS, values, i + LANES).reinterpretAsInts();
      IntVector v2 = FloatVector.fromArray(FLOATS, values, i + 2 * LANES).reinterpretAsInts();
      IntVector v3 = FloatVector.fromArray(FLOATS, values, i + 3 * LANES).reinterpretAsInts();
      IntVector n0 = v0.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v0);
      IntVector n1 = v1.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v1);
      IntVector n2 = v2.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v2);
      IntVector n3 = v3.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v3);
      low = Math.min(low, n0.min(n1).min(n2.min(n3)).reduceLanes(MIN));
      high = Math.max(high, n0.max(n1).max(n2.max(n3)).reduceLanes(MAX));
    }
    for (; i <= end - LANES; i += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, values, i).reinterpretAsInts();
      IntVector number = bits.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, bits);
      low = Math.min(low, number.reduceLanes(MIN));
      high = Math.max(high, number.reduceLanes(MAX));
    }
    for (; i < end; i++) {
      int number = ordered(Float.floatToRawIntBits(values[i]));
      low = Math.min(low, number);
      high = Math.max(high, number);
    }
    lowest[l] = number(low);
    highest[h] = number(high);
  }

  /** The bits of a number as an integer that ascends with it; its own inverse. */
  private static int ordered(int bits) {
    return ((bits >> SIGN) & MAGNITUDE) ^ bits;
  }

  private static float number(int ordered) {
    return Float.intBitsToFloat(ordered(ordered));
  }

  /** Groups of one sign cost a second look at {@link #STRETCH} groups. */
  private static int mixedOrPairs(
      float[] values, int at, int groups, float[] lowest, float[] highest) {
    int g = VectorMixedRanges.of(values, at, 0, groups, lowest, highest);
    while (g <= groups - 4) {
      g = ofPairs(values, at, g, Math.min(groups, g + STRETCH), lowest, highest);
      g = VectorMixedRanges.of(values, at, g, groups, lowest, highest);
    }
    return g;
  }

  private static int ofPairs(
      float[] values, int at, int first, int groups, float[] lowest, float[] highest) {
    int g = first;
    for (; g <= groups - 4; g += 4) {
      int from = at + g * 2 * LANES;
      int low;
      int high;
      IntVector v0 = FloatVector.fromArray(FLOATS, values, from).reinterpretAsInts();
      IntVector v1 = FloatVector.fromArray(FLOATS, values, from + LANES).reinterpretAsInts();
      IntVector n0 = v0.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v0);
      IntVector n1 = v1.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v1);
      low = n0.min(n1).reduceLanes(MIN);
      high = n0.max(n1).reduceLanes(MAX);
      lowest[g] = number(low);
      highest[g] = number(high);
      IntVector v2 = FloatVector.fromArray(FLOATS, values, from + 2 * LANES).reinterpretAsInts();
      IntVector v3 = FloatVector.fromArray(FLOATS, values, from + 3 * LANES).reinterpretAsInts();
      IntVector n2 = v2.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v2);
      IntVector n3 = v3.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v3);
      low = n2.min(n3).reduceLanes(MIN);
      high = n2.max(n3).reduceLanes(MAX);
      lowest[g + 1] = number(low);
      highest[g + 1] = number(high);
      IntVector v4 = FloatVector.fromArray(FLOATS, values, from + 4 * LANES).reinterpretAsInts();
      IntVector v5 = FloatVector.fromArray(FLOATS, values, from + 5 * LANES).reinterpretAsInts();
      IntVector n4 = v4.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v4);
      IntVector n5 = v5.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v5);
      low = n4.min(n5).reduceLanes(MIN);
      high = n4.max(n5).reduceLanes(MAX);
      lowest[g + 2] = number(low);
      highest[g + 2] = number(high);
      IntVector v6 = FloatVector.fromArray(FLOATS, values, from + 6 * LANES).reinterpretAsInts();
      IntVector v7 = FloatVector.fromArray(FLOATS, values, from + 7 * LANES).reinterpretAsInts();
      IntVector n6 = v6.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v6);
      IntVector n7 = v7.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v7);
      low = n6.min(n7).reduceLanes(MIN);
      high = n6.max(n7).reduceLanes(MAX);
      lowest[g + 3] = number(low);
      highest[g + 3] = number(high);
    }
    return g;
  }

  private static int ofQuads(float[] values, int at, int groups, float[] lowest, float[] highest) {
    int g = 0;
    for (; g <= groups - 2; g += 2) {
      int from = at + g * 4 * LANES;
      int low;
      int high;
      IntVector v0 = FloatVector.fromArray(FLOATS, values, from).reinterpretAsInts();
      IntVector v1 = FloatVector.fromArray(FLOATS, values, from + LANES).reinterpretAsInts();
      IntVector v2 = FloatVector.fromArray(FLOATS, values, from + 2 * LANES).reinterpretAsInts();
      IntVector v3 = FloatVector.fromArray(FLOATS, values, from + 3 * LANES).reinterpretAsInts();
      IntVector n0 = v0.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v0);
      IntVector n1 = v1.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v1);
      IntVector n2 = v2.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v2);
      IntVector n3 = v3.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v3);
      low = n0.min(n1).min(n2.min(n3)).reduceLanes(MIN);
      high = n0.max(n1).max(n2.max(n3)).reduceLanes(MAX);
      lowest[g] = number(low);
      highest[g] = number(high);
      IntVector v4 = FloatVector.fromArray(FLOATS, values, from + 4 * LANES).reinterpretAsInts();
      IntVector v5 = FloatVector.fromArray(FLOATS, values, from + 5 * LANES).reinterpretAsInts();
      IntVector v6 = FloatVector.fromArray(FLOATS, values, from + 6 * LANES).reinterpretAsInts();
      IntVector v7 = FloatVector.fromArray(FLOATS, values, from + 7 * LANES).reinterpretAsInts();
      IntVector n4 = v4.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v4);
      IntVector n5 = v5.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v5);
      IntVector n6 = v6.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v6);
      IntVector n7 = v7.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v7);
      low = n4.min(n5).min(n6.min(n7)).reduceLanes(MIN);
      high = n4.max(n5).max(n6.max(n7)).reduceLanes(MAX);
      lowest[g + 1] = number(low);
      highest[g + 1] = number(high);
    }
    return g;
  }

  private static int ofOctets(float[] values, int at, int groups, float[] lowest, float[] highest) {
    int g = 0;
    for (; g <= groups - 1; g += 1) {
      int from = at + g * 8 * LANES;
      IntVector v0 = FloatVector.fromArray(FLOATS, values, from).reinterpretAsInts();
      IntVector v1 = FloatVector.fromArray(FLOATS, values, from + LANES).reinterpretAsInts();
      IntVector v2 = FloatVector.fromArray(FLOATS, values, from + 2 * LANES).reinterpretAsInts();
      IntVector v3 = FloatVector.fromArray(FLOATS, values, from + 3 * LANES).reinterpretAsInts();
      IntVector v4 = FloatVector.fromArray(FLOATS, values, from + 4 * LANES).reinterpretAsInts();
      IntVector v5 = FloatVector.fromArray(FLOATS, values, from + 5 * LANES).reinterpretAsInts();
      IntVector v6 = FloatVector.fromArray(FLOATS, values, from + 6 * LANES).reinterpretAsInts();
      IntVector v7 = FloatVector.fromArray(FLOATS, values, from + 7 * LANES).reinterpretAsInts();
      IntVector n0 = v0.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v0);
      IntVector n1 = v1.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v1);
      IntVector n2 = v2.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v2);
      IntVector n3 = v3.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v3);
      IntVector n4 = v4.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v4);
      IntVector n5 = v5.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v5);
      IntVector n6 = v6.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v6);
      IntVector n7 = v7.lanewise(ASHR, SIGN).and(MAGNITUDE).lanewise(XOR, v7);
      lowest[g] =
          number(n0.min(n1).min(n2.min(n3)).min(n4.min(n5).min(n6.min(n7))).reduceLanes(MIN));
      highest[g] =
          number(n0.max(n1).max(n2.max(n3)).max(n4.max(n5).max(n6.max(n7))).reduceLanes(MAX));
    }
    return g;
  }
}
