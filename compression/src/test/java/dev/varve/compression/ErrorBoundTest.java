package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorBoundTest {

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void allowsWhatRoundingToATypeMayCost(Dtype dtype) {
    ErrorBound.OfGroupPeak bound =
        (ErrorBound.OfGroupPeak) new ErrorBound.OfGroupPeak(0, 0).roundedTo(dtype);
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, dtype);
    MemorySegment stored = Arena.ofAuto().allocate(dtype.bytes());
    float[] value = new float[1];
    double worst = 0;
    for (float x = 1; x < 2; x += 0x1p-13f) {
      value[0] = x;
      kernel.store(value, 0, 1, stored, 0);
      kernel.load(stored, 0, value, 0, 1);
      worst = Math.max(worst, Math.abs((double) value[0] - x) / x);
    }
    assertThat(worst).isLessThanOrEqualTo(bound.fraction());
    if (dtype != Dtype.F32) {
      assertThat(worst).isGreaterThan(0.9 * bound.fraction());
    }
  }
}
