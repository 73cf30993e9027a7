package dev.varve.offload.replacement;

/**
 * Ages in bins that grow by half octaves. Time is counted in ticks of 512 ms; bin 0 is below two
 * ticks, the last bin has no end.
 */
final class AgeBins {

  /** Number of bins; the last begins after 1.5 days. */
  static final int BINS = 36;

  private static final int TICK_SHIFT = 9;

  private AgeBins() {}

  /** Ticks of {@code millis}. */
  static int ticks(long millis) {
    return Math.clamp(millis >> TICK_SHIFT, 0, Integer.MAX_VALUE);
  }

  /** The bin of an age in ticks; an age below 0 counts as 0. */
  static int bin(int age) {
    if (age < 2) {
      return 0;
    }
    int octave = 31 - Integer.numberOfLeadingZeros(age);
    int half = (age >> (octave - 1)) & 1;
    return Math.min(BINS - 1, 2 * (octave - 1) + half + 1);
  }

  /** Ticks between the beginnings of a bin and the next. */
  static int width(int bin) {
    return bin == 0 ? 2 : 1 << ((bin - 1) / 2);
  }
}
