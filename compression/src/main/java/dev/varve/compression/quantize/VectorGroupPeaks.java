package dev.varve.compression.quantize;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The largest magnitudes of sixteen groups of 32 at once, with vectors of sixteen floats: two
 * vectors become one with half of the lanes of each, four times over, so that lane {@code g} is
 * left with what belongs to group {@code g}. That takes a few steps for a group in place of about
 * twelve for a reduction of its own.
 */
final class VectorGroupPeaks {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = 16;
  private static final int GROUP = 2 * LANES;
  private static final boolean FITS = INTS.length() == LANES;

  private static final VectorMask<Integer> UPPER_8 = upper(8);
  private static final VectorMask<Integer> UPPER_4 = upper(4);
  private static final VectorMask<Integer> UPPER_2 = upper(2);
  private static final VectorMask<Integer> UPPER_1 = upper(1);
  private static final VectorShuffle<Integer> SWAP_8 = swap(8);
  private static final VectorShuffle<Integer> SWAP_4 = swap(4);
  private static final VectorShuffle<Integer> SWAP_2 = swap(2);
  private static final VectorShuffle<Integer> SWAP_1 = swap(1);

  private static final int MAGNITUDE = 0x7fffffff;

  private VectorGroupPeaks() {}

  /** Lanes whose number has the bit {@code distance}. */
  private static VectorMask<Integer> upper(int distance) {
    boolean[] lanes = new boolean[INTS.length()];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (i & distance) != 0;
    }
    return VectorMask.fromArray(INTS, lanes, 0);
  }

  private static VectorShuffle<Integer> swap(int distance) {
    return VectorShuffle.fromOp(INTS, i -> (i ^ distance) % INTS.length());
  }

  /** See {@link QuantizeKernel#peaks}; returns the first group that is left to the caller. */
  static int peaks(float[] values, int at, int groups, int group, float[] lowest, float[] highest) {
    int g = 0;
    if (FITS && group == GROUP) {
      int[] most = new int[LANES * LANES];
      for (; g <= groups - LANES; g += LANES) {
        for (int i = 0; i < LANES; i++) {
          int from = at + (g + i) * GROUP;
          magnitudes(values, from).max(magnitudes(values, from + LANES)).intoArray(most, i * LANES);
        }
        highest(most);
        FloatVector peaks = IntVector.fromArray(INTS, most, 0).reinterpretAsFloats();
        peaks.intoArray(highest, g);
        peaks.neg().intoArray(lowest, g);
      }
    }
    return g;
  }

  /** Leaves the largest integer of each of sixteen vectors in the first, and anything in others. */
  private static void highest(int[] vectors) {
    fold(vectors, 8, UPPER_8, SWAP_8);
    fold(vectors, 4, UPPER_4, SWAP_4);
    fold(vectors, 2, UPPER_2, SWAP_2);
    fold(vectors, 1, UPPER_1, SWAP_1);
  }

  /** Makes {@code half} vectors of twice as many, lanes {@code half} apart becoming one. */
  private static void fold(
      int[] vectors, int half, VectorMask<Integer> upper, VectorShuffle<Integer> swap) {
    for (int i = 0; i < half; i++) {
      IntVector a = IntVector.fromArray(INTS, vectors, i * LANES);
      IntVector b = IntVector.fromArray(INTS, vectors, (i + half) * LANES);
      a.blend(b, upper).max(b.blend(a, upper).rearrange(swap)).intoArray(vectors, i * LANES);
    }
  }

  private static IntVector magnitudes(float[] values, int at) {
    return FloatVector.fromArray(FLOATS, values, at).reinterpretAsInts().and(MAGNITUDE);
  }
}
