package dev.varve.offload.replacement;

/**
 * Ages in bins that grow by quarter octaves. Time is counted in ticks of 512 ms; the first four
 * bins are a tick each, the last has no end.
 */
final class AgeBins {

  /** Number of bins; the last begins after 1.5 days. */
  static final int BINS = 69;

  private static final int TICK_SHIFT = 9;

  private AgeBins() {}

  /** Ticks of {@code millis}. */
  static int ticks(long millis) {
    return Math.clamp(millis >> TICK_SHIFT, 0, Integer.MAX_VALUE);
  }

  /** The bin of an age in ticks; an age below 0 counts as 0. */
  static int bin(int age) {
    if (age < 4) {
      return Math.max(0, age);
    }
    int octave = 31 - Integer.numberOfLeadingZeros(age);
    int quarter = (age >> (octave - 2)) & 3;
    return Math.min(BINS - 1, 4 * (octave - 1) + quarter);
  }

  /** Ticks between the beginnings of a bin and the next. */
  static int width(int bin) {
    return bin < 4 ? 1 : 1 << (bin / 4 - 1);
  }
}
