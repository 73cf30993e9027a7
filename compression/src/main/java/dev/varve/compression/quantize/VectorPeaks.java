package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The largest magnitudes of groups that are whole vectors, with one reduction across lanes for
 * each: reductions of groups that follow each other overlap. Magnitudes are compared as integers,
 * which ascend with them: processors compare these at once, while floats take five steps for the
 * sake of zeros and NaNs.
 *
 * <p>Written by the rules of this package: groups of two, four and eight vectors have a loop each.
 */
final class VectorPeaks {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();
  private static final int MAGNITUDE = 0x7fffffff;

  private VectorPeaks() {}

  /** See {@link QuantizeKernel#peaks}. */
  static void of(float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    int done =
        switch (group / LANES) {
          case 2 -> ofPairs(values, at, groups, lowest, highest);
          case 4 -> ofQuads(values, at, groups, lowest, highest);
          case 8 -> ofOctets(values, at, groups, lowest, highest);
          default -> 0;
        };
    for (int g = done; g < groups; g++) {
      float peak = ofOne(values, at + g * group, group);
      lowest[g] = -peak;
      highest[g] = peak;
    }
  }

  private static float ofOne(float[] values, int at, int group) {
    int end = at + group;
    int peak = 0;
    int i = at;
    for (; i <= end - 8 * LANES; i += 8 * LANES) {
      IntVector v0 = FloatVector.fromArray(FLOATS, values, i).reinterpretAsInts().and(MAGNITUDE);
      IntVector v1 =
          FloatVector.fromArray(FLOATS, values, i + LANES).reinterpretAsInts().and(MAGNITUDE);
      IntVector v2 =
          FloatVector.fromArray(FLOATS, values, i + 2 * LANES).reinterpretAsInts().and(MAGNITUDE);
      IntVector v3 =
          FloatVector.fromArray(FLOATS, values, i + 3 * LANES).reinterpretAsInts().and(MAGNITUDE);
      IntVector v4 =
          FloatVector.fromArray(FLOATS, values, i + 4 * LANES).reinterpretAsInts().and(MAGNITUDE);
      IntVector v5 =
          FloatVector.fromArray(FLOATS, values, i + 5 * LANES).reinterpretAsInts().and(MAGNITUDE);
      IntVector v6 =
          FloatVector.fromArray(FLOATS, values, i + 6 * LANES).reinterpretAsInts().and(MAGNITUDE);
      IntVector v7 =
          FloatVector.fromArray(FLOATS, values, i + 7 * LANES).reinterpretAsInts().and(MAGNITUDE);
      peak =
          Math.max(
              peak, v0.max(v1).max(v2.max(v3)).max(v4.max(v5).max(v6.max(v7))).reduceLanes(MAX));
    }
    for (; i < end; i += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, values, i).reinterpretAsInts();
      peak = Math.max(peak, bits.and(MAGNITUDE).reduceLanes(MAX));
    }
    return Float.intBitsToFloat(peak);
  }

  private static int ofPairs(float[] values, int at, int groups, float[] lowest, float[] highest) {
    int g = 0;
    for (; g <= groups - 4; g += 4) {
      int from = at + g * 2 * LANES;
      IntVector v0 = FloatVector.fromArray(FLOATS, values, from).reinterpretAsInts().and(MAGNITUDE);
      IntVector v1 =
          FloatVector.fromArray(FLOATS, values, from + LANES).reinterpretAsInts().and(MAGNITUDE);
      float peak0 = Float.intBitsToFloat(v0.max(v1).reduceLanes(MAX));
      lowest[g] = -peak0;
      highest[g] = peak0;
      IntVector v2 =
          FloatVector.fromArray(FLOATS, values, from + 2 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v3 =
          FloatVector.fromArray(FLOATS, values, from + 3 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      float peak1 = Float.intBitsToFloat(v2.max(v3).reduceLanes(MAX));
      lowest[g + 1] = -peak1;
      highest[g + 1] = peak1;
      IntVector v4 =
          FloatVector.fromArray(FLOATS, values, from + 4 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v5 =
          FloatVector.fromArray(FLOATS, values, from + 5 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      float peak2 = Float.intBitsToFloat(v4.max(v5).reduceLanes(MAX));
      lowest[g + 2] = -peak2;
      highest[g + 2] = peak2;
      IntVector v6 =
          FloatVector.fromArray(FLOATS, values, from + 6 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v7 =
          FloatVector.fromArray(FLOATS, values, from + 7 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      float peak3 = Float.intBitsToFloat(v6.max(v7).reduceLanes(MAX));
      lowest[g + 3] = -peak3;
      highest[g + 3] = peak3;
    }
    return g;
  }

  private static int ofQuads(float[] values, int at, int groups, float[] lowest, float[] highest) {
    int g = 0;
    for (; g <= groups - 3; g += 3) {
      int from = at + g * 4 * LANES;
      IntVector v0 = FloatVector.fromArray(FLOATS, values, from).reinterpretAsInts().and(MAGNITUDE);
      IntVector v1 =
          FloatVector.fromArray(FLOATS, values, from + LANES).reinterpretAsInts().and(MAGNITUDE);
      IntVector v2 =
          FloatVector.fromArray(FLOATS, values, from + 2 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v3 =
          FloatVector.fromArray(FLOATS, values, from + 3 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      float peak0 = Float.intBitsToFloat(v0.max(v1).max(v2.max(v3)).reduceLanes(MAX));
      lowest[g] = -peak0;
      highest[g] = peak0;
      IntVector v4 =
          FloatVector.fromArray(FLOATS, values, from + 4 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v5 =
          FloatVector.fromArray(FLOATS, values, from + 5 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v6 =
          FloatVector.fromArray(FLOATS, values, from + 6 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v7 =
          FloatVector.fromArray(FLOATS, values, from + 7 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      float peak1 = Float.intBitsToFloat(v4.max(v5).max(v6.max(v7)).reduceLanes(MAX));
      lowest[g + 1] = -peak1;
      highest[g + 1] = peak1;
      IntVector v8 =
          FloatVector.fromArray(FLOATS, values, from + 8 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v9 =
          FloatVector.fromArray(FLOATS, values, from + 9 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v10 =
          FloatVector.fromArray(FLOATS, values, from + 10 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v11 =
          FloatVector.fromArray(FLOATS, values, from + 11 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      float peak2 = Float.intBitsToFloat(v8.max(v9).max(v10.max(v11)).reduceLanes(MAX));
      lowest[g + 2] = -peak2;
      highest[g + 2] = peak2;
    }
    return g;
  }

  private static int ofOctets(float[] values, int at, int groups, float[] lowest, float[] highest) {
    int g = 0;
    for (; g <= groups - 2; g += 2) {
      int from = at + g * 8 * LANES;
      IntVector v0 = FloatVector.fromArray(FLOATS, values, from).reinterpretAsInts().and(MAGNITUDE);
      IntVector v1 =
          FloatVector.fromArray(FLOATS, values, from + LANES).reinterpretAsInts().and(MAGNITUDE);
      IntVector v2 =
          FloatVector.fromArray(FLOATS, values, from + 2 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v3 =
          FloatVector.fromArray(FLOATS, values, from + 3 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v4 =
          FloatVector.fromArray(FLOATS, values, from + 4 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v5 =
          FloatVector.fromArray(FLOATS, values, from + 5 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v6 =
          FloatVector.fromArray(FLOATS, values, from + 6 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v7 =
          FloatVector.fromArray(FLOATS, values, from + 7 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      float peak0 =
          Float.intBitsToFloat(
              v0.max(v1).max(v2.max(v3)).max(v4.max(v5).max(v6.max(v7))).reduceLanes(MAX));
      lowest[g] = -peak0;
      highest[g] = peak0;
      IntVector v8 =
          FloatVector.fromArray(FLOATS, values, from + 8 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v9 =
          FloatVector.fromArray(FLOATS, values, from + 9 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v10 =
          FloatVector.fromArray(FLOATS, values, from + 10 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v11 =
          FloatVector.fromArray(FLOATS, values, from + 11 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v12 =
          FloatVector.fromArray(FLOATS, values, from + 12 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v13 =
          FloatVector.fromArray(FLOATS, values, from + 13 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v14 =
          FloatVector.fromArray(FLOATS, values, from + 14 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      IntVector v15 =
          FloatVector.fromArray(FLOATS, values, from + 15 * LANES)
              .reinterpretAsInts()
              .and(MAGNITUDE);
      float peak1 =
          Float.intBitsToFloat(
              v8.max(v9).max(v10.max(v11)).max(v12.max(v13).max(v14.max(v15))).reduceLanes(MAX));
      lowest[g + 1] = -peak1;
      highest[g + 1] = peak1;
    }
    return g;
  }
}
