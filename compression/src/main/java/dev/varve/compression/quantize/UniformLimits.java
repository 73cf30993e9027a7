package dev.varve.compression.quantize;

import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Cause;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.SectionShape;

/** What integer formats promise and refuse. */
final class UniformLimits {
  /** Outward rounding of scale and zero widens a step by less than two binary16 roundings. */
  private static final double OUTWARDS = 1 + 0x1p-8;

  private UniformLimits() {}

  /** Half a step: a range of at most twice the peak, cut into {@code top} steps. */
  static ErrorBound bound(UniformFormat format) {
    int top = AffineFit.top(format.bits(), format.symmetric());
    return new ErrorBound.OfGroupPeak(OUTWARDS / top + 0x1p-22, ErrorBound.FLOOR);
  }

  static EncodeResult.Refused outOfRange(SectionShape shape, float lowest, float highest) {
    return new EncodeResult.Refused(
        Cause.OUT_OF_RANGE,
        "%s hold numbers from %s to %s, a 16-bit scale or zero ends at 65504: keep this block raw"
            .formatted(shape.section(), lowest, highest));
  }
}
