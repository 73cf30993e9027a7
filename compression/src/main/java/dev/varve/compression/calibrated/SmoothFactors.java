package dev.varve.compression.calibrated;

import dev.varve.compression.Section;
import dev.varve.compression.SectionShape;
import java.util.Arrays;

/** Factors that are fit to divide keys by. */
final class SmoothFactors {
  /** Smaller and larger ones would carry numbers out of their type. */
  private static final float LIMIT = 0x1p12f;

  private SmoothFactors() {}

  /** A factor for each channel of {@code shape}; 1 for values. */
  static float[] of(SectionShape shape, LayerTables tables, String format) {
    if (shape.section() == Section.VALUES) {
      float[] ones = new float[shape.channels()];
      Arrays.fill(ones, 1);
      return ones;
    }
    float[] factors = tables.need(TableKind.KEY_FACTORS, shape.channels(), format);
    KeyPairs pairs = KeyPairs.of(shape.rope(), shape.dim());
    for (int i = 0; i < factors.length; i++) {
      int j = i % shape.dim();
      int partner = i - j + pairs.partner(j);
      if (!(factors[i] >= 1 / LIMIT && factors[i] <= LIMIT)) {
        throw new IllegalArgumentException(
            "%s: the factor of channel %d is %s, it must lie between %s and %s"
                .formatted(format, i, factors[i], 1 / LIMIT, LIMIT));
      }
      if (factors[i] != factors[partner]) {
        throw new IllegalArgumentException(
            ("%s: RoPE turns channels %d and %d together, their factors differ, %s and %s: they"
                    + " were calibrated for another RoPE")
                .formatted(format, i, partner, factors[i], factors[partner]));
      }
    }
    return factors;
  }

  /**
   * The factors of keys with these largest magnitudes.
   *
   * @param peaks by channel of all heads
   * @param strength 0 leaves channels as they are, 1 makes their peaks alike
   */
  static float[] calibrate(float[] peaks, KeyPairs pairs, double strength) {
    float[] factors = new float[peaks.length];
    int dim = pairs.dim();
    for (int i = 0; i < peaks.length; i++) {
      int j = i % dim;
      float peak = Math.max(peaks[i], peaks[i - j + pairs.partner(j)]);
      double factor = peak == 0 ? 1 : Math.pow(peak, strength);
      factors[i] = (float) Math.clamp(factor, 1.0 / LIMIT, LIMIT);
    }
    return factors;
  }
}
