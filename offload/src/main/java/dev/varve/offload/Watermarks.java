package dev.varve.offload;

/**
 * When a tier counts as full, and how far it is emptied then, as shares of its capacity.
 *
 * @param low emptied down to this share
 * @param high full from this share on; at least {@code low}
 */
public record Watermarks(double low, double high) {

  /** Emptied to 80 % from 90 % on. */
  public static final Watermarks DEFAULT = new Watermarks(0.8, 0.9);

  public Watermarks {
    if (!(low > 0 && low <= high && high <= 1)) {
      throw new IllegalArgumentException(
          "watermarks must obey 0 < low <= high <= 1: low " + low + ", high " + high);
    }
  }

  /**
   * How much must leave a tier that holds {@code used} of {@code capacity}; 0 below the high mark.
   */
  public long excess(long used, long capacity) {
    return used < high * capacity ? 0 : aboveLow(used, capacity);
  }

  /** How much lies above the low mark. */
  long aboveLow(long used, long capacity) {
    return Math.max(0, used - (long) Math.floor(low * capacity));
  }

  /** How much a tier may hold before it reaches the high mark. */
  long belowHigh(long capacity) {
    return Math.max(0, (long) Math.ceil(high * capacity) - 1);
  }
}
