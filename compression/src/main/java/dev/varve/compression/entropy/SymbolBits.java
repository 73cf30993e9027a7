package dev.varve.compression.entropy;

/** Bits of a symbol by its frequency in 4,096ths, and of counts by themselves. */
final class SymbolBits {
  /** More than a symbol takes that can be written. */
  static final double UNKNOWN = Frequencies.BITS + 1;

  private static final int COUNTS = 1 << 12;
  private static final double[] BY_FREQUENCY = new double[Frequencies.TOTAL + 1];
  private static final double[] TIMES_LOG = new double[COUNTS];

  static {
    for (int i = 0; i < BY_FREQUENCY.length; i++) {
      BY_FREQUENCY[i] = SymbolCounts.bits(i, Frequencies.TOTAL);
    }
    for (int i = 1; i < COUNTS; i++) {
      TIMES_LOG[i] = i * SymbolCounts.bits(1, i);
    }
  }

  private SymbolBits() {}

  /** Bits of a symbol of this frequency, 0 to 4,096; infinite for 0. */
  static double of(int frequency) {
    return BY_FREQUENCY[frequency];
  }

  /** {@code count * log2(count)}, 0 for 0. */
  static double timesLog(long count) {
    return count < COUNTS ? TIMES_LOG[(int) count] : count * SymbolCounts.bits(1, count);
  }
}
