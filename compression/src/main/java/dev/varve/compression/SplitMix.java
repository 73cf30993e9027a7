package dev.varve.compression;

/**
 * SplitMix64 (Steele, Lea and Flood, 2014), written out because stored bytes depend on its numbers.
 * For one thread at a time.
 */
public final class SplitMix {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private long state;

  /** The same seed gives the same numbers for ever. */
  public SplitMix(long seed) {
    this.state = seed;
  }

  /** A number in [-1, 1), of 24 random bits. */
  public float next() {
    state += GOLDEN;
    long mixed = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    mixed ^= mixed >>> 31;
    return (int) (mixed >> 39) * 0x1p-24f;
  }
}
