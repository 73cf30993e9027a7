package dev.varve.offload.transfer;

/**
 * How fast blocks come out of a tier.
 *
 * @param latencySeconds what every block costs, however small
 * @param secondsPerByte what every byte adds; the inverse of the bandwidth
 */
public record TierRate(double latencySeconds, double secondsPerByte) {

  public TierRate {
    checkTime(latencySeconds, "latencySeconds");
    checkTime(secondsPerByte, "secondsPerByte");
  }

  /** Time to read {@code blocks} of {@code bytes} together, one after the other. */
  public double seconds(long blocks, long bytes) {
    return blocks * latencySeconds + bytes * secondsPerByte;
  }

  /** Bytes in a second of a long read; infinite where bytes were not seen to cost anything. */
  public double bytesPerSecond() {
    return 1 / secondsPerByte;
  }

  private static void checkTime(double value, String name) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must be a finite number from 0: " + value);
    }
  }
}
