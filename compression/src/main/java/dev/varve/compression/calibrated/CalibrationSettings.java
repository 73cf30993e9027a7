package dev.varve.compression.calibrated;

/**
 * How tables are made.
 *
 * @param smoothing power of a channel's peak that keys are divided by, 0 to 1
 * @param outliers share of a channel's keys that lies outside of its range, 0 to 0.05
 */
public record CalibrationSettings(double smoothing, double outliers) {

  /** What the papers take. */
  public static final CalibrationSettings STANDARD = new CalibrationSettings(0.5, 0.01);

  public CalibrationSettings {
    if (!(smoothing >= 0 && smoothing <= 1)) {
      throw new IllegalArgumentException("smoothing must lie between 0 and 1: " + smoothing);
    }
    if (!(outliers >= 0 && outliers <= 0.05)) {
      throw new IllegalArgumentException("outliers must lie between 0 and 0.05: " + outliers);
    }
  }
}
