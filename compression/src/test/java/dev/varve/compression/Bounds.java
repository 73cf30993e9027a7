package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;

/** Holds decoded elements to a declared bound. */
final class Bounds {
  private Bounds() {}

  static void check(
      ErrorBound bound, SectionShape shape, float[] before, float[] after, String what) {
    switch (bound) {
      case ErrorBound.Exact() -> assertThat(after).as(what).containsExactly(before);
      case ErrorBound.OfGroupPeak(double fraction, double floor) -> {
        double peak = 0;
        for (float value : before) {
          peak = Math.max(peak, Math.abs(value));
        }
        for (int i = 0; i < before.length; i++) {
          double error = Math.abs((double) after[i] - before[i]);
          if (!(error <= fraction * peak + floor)) {
            assertThat(error)
                .as("%s: element %d, %s became %s", what, i, before[i], after[i])
                .isLessThanOrEqualTo(fraction * peak + floor);
          }
        }
      }
      case ErrorBound.OfSectionMean(double fraction, double floor) -> {
        double peak = 0;
        double squares = 0;
        for (int i = 0; i < before.length; i++) {
          peak = Math.max(peak, Math.abs(before[i]));
          squares += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
        }
        assertThat(Math.sqrt(squares / before.length))
            .as(what)
            .isLessThanOrEqualTo(fraction * peak + floor);
      }
      case ErrorBound.OfRowNorm(double fraction, double floor) -> {
        for (int row = 0; row < before.length / shape.dim(); row++) {
          double norm = 0;
          double error = 0;
          for (int i = row * shape.dim(); i < (row + 1) * shape.dim(); i++) {
            norm += (double) before[i] * before[i];
            error += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
          }
          assertThat(Math.sqrt(error))
              .as("%s: row %d of norm %s", what, row, Math.sqrt(norm))
              .isLessThanOrEqualTo(fraction * Math.sqrt(norm) + floor);
        }
      }
    }
  }
}
