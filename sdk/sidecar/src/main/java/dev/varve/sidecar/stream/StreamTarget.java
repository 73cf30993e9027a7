package dev.varve.sidecar.stream;

/**
 * When a stream is to be done.
 *
 * @param seconds from its start to the end of the last decoding; infinite for no hurry
 * @param floorBytesPerSecond throughput that this stream always has; 0 if nobody promises any
 */
public record StreamTarget(double seconds, double floorBytesPerSecond) {

  /** No hurry: everything is sent at the least lossy level. */
  public static final StreamTarget NONE = new StreamTarget(Double.POSITIVE_INFINITY, 0);

  public StreamTarget {
    if (!(seconds > 0) || !(floorBytesPerSecond >= 0)) {
      throw new IllegalArgumentException(
          "a target of %s seconds at %s bytes a second cannot be"
              .formatted(seconds, floorBytesPerSecond));
    }
  }
}
