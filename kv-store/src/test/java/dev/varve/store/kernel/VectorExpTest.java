package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorExpTest {

  @Test
  void staysWithinItsDocumentedErrorOfExp() {
    double worst = 0;
    for (int i = 0; i <= 870_000; i++) {
      float x = -i * 1e-4f;
      double expected = Math.exp(x);
      worst = Math.max(worst, Math.abs(exp(x) - expected) / expected);
    }
    assertThat(worst).isLessThan(VectorExp.EXP_ERROR);
  }

  @Test
  void staysWithinItsDocumentedErrorOfTanh() {
    double worst = 0;
    for (int i = -200_000; i <= 200_000; i++) {
      float x = i * 1e-4f;
      worst = Math.max(worst, Math.abs(tanh(x) - Math.tanh(x)));
    }
    assertThat(worst).isLessThan(VectorExp.TANH_ERROR);
  }

  @Test
  void isExactAtTheEdges() {
    assertThat(exp(0f)).isEqualTo(1f);
    assertThat(exp(-0f)).isEqualTo(1f);
    assertThat(exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(exp(-1000f)).isZero();
    assertThat(exp(-Float.MAX_VALUE)).isZero();
    assertThat(exp(Math.nextDown(VectorExp.UNDERFLOW))).isZero();
    assertThat(exp(VectorExp.UNDERFLOW)).isGreaterThanOrEqualTo(Float.MIN_NORMAL);
    assertThat(exp(Float.NaN)).isNaN();
    assertThat(tanh(0f)).isZero();
    assertThat(tanh(Float.POSITIVE_INFINITY)).isEqualTo(1f);
    assertThat(tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1f);
    assertThat(tanh(Float.NaN)).isNaN();
  }

  private static float exp(float x) {
    return VectorExp.exp(FloatVector.broadcast(VectorLanes.FLOATS, x)).lane(0);
  }

  private static float tanh(float x) {
    return VectorExp.tanh(FloatVector.broadcast(VectorLanes.FLOATS, x)).lane(0);
  }
}
