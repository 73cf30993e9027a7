package dev.varve.store.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The exponential of arguments that are not positive, by a fixed sequence of roundings: {@code
 * exp(x) = 2^n * exp(r)} with {@code n} the nearest integer to {@code x / ln 2} and {@code exp(r)}
 * a polynomial of degree 6 on {@code [-ln2/2, ln2/2]} (the Taylor series; its first dropped term is
 * below 2e-7 of the result). Relative error below 5e-7; arguments below -87 give 0; NaN stays NaN.
 */
final class VectorExp {

  private static final VectorSpecies<Float> FLOATS = VectorLanes.FLOATS;
  private static final float SMALLEST = -87f;
  private static final float LOG2_E = 1.442695f;

  /** ln 2 in two parts; the first has few enough bits that its product with n is exact. */
  private static final float LN2_HIGH = 355f / 512;

  private static final float LN2_LOW = -2.1219444e-4f;

  /** Adding and taking off 1.5 * 2^23 rounds to the nearest integer. */
  private static final float ROUNDER = 12_582_912f;

  private static final int MANTISSA_BITS = 23;

  private VectorExp() {}

  static FloatVector of(FloatVector x) {
    FloatVector bounded = x.max(SMALLEST);
    FloatVector n = bounded.mul(LOG2_E).add(ROUNDER).sub(ROUNDER);
    FloatVector r = n.fma(broadcast(-LN2_HIGH), bounded);
    r = n.fma(broadcast(-LN2_LOW), r);
    FloatVector p = r.fma(broadcast(1 / 720f), broadcast(1 / 120f));
    p = p.fma(r, broadcast(1 / 24f));
    p = p.fma(r, broadcast(1 / 6f));
    p = p.fma(r, broadcast(0.5f));
    p = p.fma(r, broadcast(1));
    p = p.fma(r, broadcast(1));
    FloatVector scaled =
        p.reinterpretAsInts()
            .add(
                n.convert(VectorOperators.F2I, 0)
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, MANTISSA_BITS))
            .reinterpretAsFloats();
    return scaled
        .blend(0, x.compare(VectorOperators.LT, SMALLEST))
        .blend(x, x.test(VectorOperators.IS_NAN));
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
