package dev.varve.store.kernel;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponential and hyperbolic tangent from additions and multiplications alone, so that interpreted
 * and compiled code agree to the bit.
 *
 * <p>{@code exp(x) = 2^n * exp(r)} with {@code n = round(x / ln 2)}, the remainder taken with
 * {@code ln 2} in two parts (Cody and Waite, 1980) and {@code exp(r)} as its Taylor polynomial of
 * degree 7, whose truncation error on {@code |r| <= 0.35} is below 6e-9.
 */
final class VectorExp {
  /** Relative error of {@link #exp} on {@code [-87, 0]}. */
  static final double EXP_ERROR = 1.5e-7;

  /** Absolute error of {@link #tanh}. */
  static final double TANH_ERROR = 2e-7;

  /** Below this the result is 0: the smallest power of two that is a normal float, rounded up. */
  static final float UNDERFLOW = -87.33f;

  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;

  /** Added to a small float it leaves the nearest integer in the low bits of the sum. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final float LOG2_E = (float) (1 / Math.log(2));
  private static final float LN2_HIGH = 0x1.62e4p-1f;
  private static final float LN2_LOW = (float) (Math.log(2) - 0x1.62e4p-1);

  private VectorExp() {}

  /** {@code exp(x)} of lanes that are at most 0; 0 below {@link #UNDERFLOW}; NaN stays NaN. */
  static FloatVector exp(FloatVector x) {
    FloatVector shifted =
        x.fma(FloatVector.broadcast(S, LOG2_E), FloatVector.broadcast(S, ROUNDER));
    FloatVector n = shifted.sub(ROUNDER);
    FloatVector r = n.fma(FloatVector.broadcast(S, -LN2_HIGH), x);
    r = n.fma(FloatVector.broadcast(S, -LN2_LOW), r);
    FloatVector p = FloatVector.broadcast(S, 1f / 5040);
    p = p.fma(r, FloatVector.broadcast(S, 1f / 720));
    p = p.fma(r, FloatVector.broadcast(S, 1f / 120));
    p = p.fma(r, FloatVector.broadcast(S, 1f / 24));
    p = p.fma(r, FloatVector.broadcast(S, 1f / 6));
    p = p.fma(r, FloatVector.broadcast(S, 0.5f));
    p = p.fma(r, FloatVector.broadcast(S, 1f));
    p = p.fma(r, FloatVector.broadcast(S, 1f));
    IntVector power = shifted.reinterpretAsInts().add(127).lanewise(LSHL, 23);
    return p.mul(power.reinterpretAsFloats()).blend(0f, x.compare(LT, UNDERFLOW));
  }

  /** {@code tanh(x)} as {@code (1 - e) / (1 + e)} with {@code e = exp(-2|x|)}, signed as x. */
  static FloatVector tanh(FloatVector x) {
    FloatVector e = exp(x.abs().mul(-2f));
    FloatVector one = FloatVector.broadcast(S, 1f);
    FloatVector t = one.sub(e).div(one.add(e));
    return t.blend(t.neg(), x.compare(LT, 0f));
  }
}
