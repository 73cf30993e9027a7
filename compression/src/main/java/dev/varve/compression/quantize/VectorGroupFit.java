package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NEG;
import static jdk.incubator.vector.VectorOperators.UGT;
import static jdk.incubator.vector.VectorOperators.UMAX;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
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

  /** {@link QuantizeKernel#fit} of symmetric groups. */
  static int symmetric(
      int top, float[] lowest, float[] highest, int from, int groups, short[] parameters) {
    float half = -(top / 2f);
    int g = from;
    for (; WIDE && g <= groups - LANES; g += LANES) {
      IntVector low = FloatVector.fromArray(FLOATS, lowest, g).reinterpretAsInts().and(MAGNITUDE);
      IntVector high = FloatVector.fromArray(FLOATS, highest, g).reinterpretAsInts().and(MAGNITUDE);
      FloatVector peaks = low.max(high).reinterpretAsFloats();
      DoubleVector steps = ((DoubleVector) peaks.convertShape(F2D, DOUBLES, 0)).mul(2).div(top);
      FloatVector nearest = (FloatVector) steps.convertShape(D2F, FLOATS, 0);
      DoubleVector back = (DoubleVector) nearest.convertShape(F2D, DOUBLES, 0);
      FloatVector above = (FloatVector) steps.sub(back).convertShape(D2F, FLOATS, 0);
      IntVector lost = above.reinterpretAsInts().lanewise(NEG).lanewise(LSHR, Integer.SIZE - 1);
      IntVector scales = nearest.reinterpretAsInts().add(LOST).add(lost).and(~LOST);
      if (scales.sub(LEAST_NORMAL).compare(UGT, LARGEST - LEAST_NORMAL).anyTrue()) {
        break;
      }
      FloatVector scale = scales.reinterpretAsFloats();
      scale.mul(half).intoArray(lowest, g);
      FloatVector.broadcast(FLOATS, 1).div(scale).intoArray(highest, g);
      IntVector halves = scales.sub(EXPONENT_SHIFT).lanewise(LSHR, LOST_BITS);
      if (LANES >= 8) {
        ((ShortVector) halves.convertShape(I2S, SHORTS, 0)).intoArray(parameters, g);
      } else {
        for (int i = 0; i < LANES; i++) {
          parameters[g + i] = (short) halves.lane(i);
        }
      }
    }
    return g;
  }

  /** {@link QuantizeKernel#fit} of groups with a zero. */
  static int asymmetric(
      int top, float[] lowest, float[] highest, int from, int groups, short[] parameters) {
    int g = from;
    for (; WIDE && g <= groups - LANES; g += LANES) {
      IntVector low = FloatVector.fromArray(FLOATS, lowest, g).reinterpretAsInts();
      IntVector outwards = low.lanewise(ASHR, Integer.SIZE - 1).and(LOST);
      IntVector zeros = low.and(MAGNITUDE).add(outwards).and(~LOST);
      IntVector signs = low.and(~MAGNITUDE);
      FloatVector zero = zeros.or(signs).reinterpretAsFloats();
      FloatVector most = FloatVector.fromArray(FLOATS, highest, g);
      DoubleVector least = (DoubleVector) zero.convertShape(F2D, DOUBLES, 0);
      DoubleVector steps = ((DoubleVector) most.convertShape(F2D, DOUBLES, 0)).sub(least).div(top);
      FloatVector nearest = (FloatVector) steps.convertShape(D2F, FLOATS, 0);
      DoubleVector back = (DoubleVector) nearest.convertShape(F2D, DOUBLES, 0);
      FloatVector above = (FloatVector) steps.sub(back).convertShape(D2F, FLOATS, 0);
      IntVector lost = above.reinterpretAsInts().lanewise(NEG).lanewise(LSHR, Integer.SIZE - 1);
      IntVector scales = nearest.reinterpretAsInts().add(LOST).add(lost).and(~LOST);
      IntVector beyond = scales.sub(LEAST_NORMAL).lanewise(UMAX, zeros.sub(LEAST_NORMAL));
      if (beyond.compare(UGT, LARGEST - LEAST_NORMAL).anyTrue()) {
        break;
      }
      zero.intoArray(lowest, g);
      FloatVector.broadcast(FLOATS, 1).div(scales.reinterpretAsFloats()).intoArray(highest, g);
      IntVector zeroHalves =
          zeros.sub(EXPONENT_SHIFT).lanewise(LSHR, LOST_BITS).or(signs.lanewise(LSHR, Short.SIZE));
      IntVector scaleHalves = scales.sub(EXPONENT_SHIFT).lanewise(LSHR, LOST_BITS);
      scaleHalves
          .or(zeroHalves.lanewise(LSHL, Short.SIZE))
          .reinterpretAsShorts()
          .intoArray(parameters, 2 * g);
    }
    return g;
  }
}
