package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * What {@link AffineFit} does, for as many groups at once as a vector has doubles, where scales and
 * zeros are binary16 of normal size; it leaves other groups to that one.
 */
final class VectorGroupFit {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = DOUBLES.length();

  /** As many floats need a vector type of half the bits, and as many shorts one of a quarter. */
  private static final boolean WIDE = LANES >= 4;

  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(WIDE ? LANES * Float.SIZE : 128));

  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(LANES >= 8 ? LANES * Short.SIZE : 64));

  private static final int MAGNITUDE = 0x7fffffff;

  /** Bits of a float that a binary16 of normal size does not have. */
  private static final int LOST = 0x1fff;

  private static final int LOST_BITS = 13;
  private static final int LEAST_NORMAL = 0x38800000;
  private static final int LARGEST = 0x477fe000;
  private static final int EXPONENT_SHIFT = 0x38000000;

  private VectorGroupFit() {}

  /**
   * Fits groups from {@code from} on; see {@link QuantizeKernel#fit}.
   *
   * @return the first group that was not fitted
   */
  static int fit(
      boolean symmetric,
      int top,
      float[] lowest,
      float[] highest,
      int from,
      int groups,
      short[] parameters) {
    int g = from;
    if (WIDE) {
      while (g <= groups - LANES
          && (symmetric
              ? symmetric(top, lowest, highest, g, parameters)
              : asymmetric(top, lowest, highest, g, parameters))) {
        g += LANES;
      }
    }
    return g;
  }

  private static boolean symmetric(
      int top, float[] lowest, float[] highest, int g, short[] parameters) {
    FloatVector low = FloatVector.fromArray(FLOATS, lowest, g);
    FloatVector high = FloatVector.fromArray(FLOATS, highest, g);
    IntVector peaks =
        low.reinterpretAsInts().and(MAGNITUDE).max(high.reinterpretAsInts().and(MAGNITUDE));
    DoubleVector steps =
        ((DoubleVector) peaks.reinterpretAsFloats().convertShape(F2D, DOUBLES, 0)).mul(2).div(top);
    IntVector scales = up(steps);
    if (beyond(scales)) {
      return false;
    }
    FloatVector scale = scales.reinterpretAsFloats();
    scale.mul(-(top / 2f)).intoArray(lowest, g);
    FloatVector.broadcast(FLOATS, 1).div(scale).intoArray(highest, g);
    IntVector halves = scales.sub(EXPONENT_SHIFT).lanewise(LSHR, LOST_BITS);
    if (LANES >= 8) {
      ((ShortVector) halves.convertShape(I2S, SHORTS, 0)).intoArray(parameters, g);
    } else {
      for (int i = 0; i < LANES; i++) {
        parameters[g + i] = (short) halves.lane(i);
      }
    }
    return true;
  }

  private static boolean asymmetric(
      int top, float[] lowest, float[] highest, int g, short[] parameters) {
    IntVector low = FloatVector.fromArray(FLOATS, lowest, g).reinterpretAsInts();
    IntVector negative = low.lanewise(ASHR, Integer.SIZE - 1L);
    IntVector zeros = low.and(MAGNITUDE).add(negative.and(LOST)).and(~LOST);
    if (beyond(zeros)) {
      return false;
    }
    IntVector signs = low.and(~MAGNITUDE);
    FloatVector zero = zeros.or(signs).reinterpretAsFloats();
    DoubleVector high =
        (DoubleVector) FloatVector.fromArray(FLOATS, highest, g).convertShape(F2D, DOUBLES, 0);
    DoubleVector steps = high.sub((DoubleVector) zero.convertShape(F2D, DOUBLES, 0)).div(top);
    IntVector scales = up(steps);
    if (beyond(scales)) {
      return false;
    }
    zero.intoArray(lowest, g);
    FloatVector.broadcast(FLOATS, 1).div(scales.reinterpretAsFloats()).intoArray(highest, g);
    IntVector zeroHalves =
        zeros.sub(EXPONENT_SHIFT).lanewise(LSHR, LOST_BITS).or(signs.lanewise(LSHR, 16));
    scales
        .sub(EXPONENT_SHIFT)
        .lanewise(LSHR, LOST_BITS)
        .or(zeroHalves.lanewise(LSHL, Short.SIZE))
        .reinterpretAsShorts()
        .intoArray(parameters, 2 * g);
    return true;
  }

  /** The smallest binary16 of normal size that is not below each number, as bits of a float. */
  private static IntVector up(DoubleVector numbers) {
    FloatVector nearest = (FloatVector) numbers.convertShape(D2F, FLOATS, 0);
    DoubleVector back = (DoubleVector) nearest.convertShape(F2D, DOUBLES, 0);
    FloatVector above = (FloatVector) numbers.sub(back).convertShape(D2F, FLOATS, 0);
    VectorMask<Integer> lost = above.compare(GT, 0f).cast(INTS);
    IntVector bits = nearest.reinterpretAsInts();
    return bits.add(LOST).add(IntVector.zero(INTS).blend(1, lost)).and(~LOST);
  }

  private static boolean beyond(IntVector magnitudes) {
    return magnitudes.compare(LT, LEAST_NORMAL).or(magnitudes.compare(GT, LARGEST)).anyTrue();
  }
}
