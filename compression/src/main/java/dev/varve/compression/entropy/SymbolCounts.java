package dev.varve.compression.entropy;

/** Counts symbols, and says what counts are worth in bits. */
public final class SymbolCounts {
  private static final double LN_2 = StrictMath.log(2);

  private SymbolCounts() {}

  /** Occurrences of each of the 256 symbols in {@code [from, to)}. */
  public static int[] of(byte[] symbols, int from, int to) {
    // Four tables, for a counter that was just written is slow to read again.
    int[] counts = new int[Frequencies.SYMBOLS];
    int[] second = new int[Frequencies.SYMBOLS];
    int[] third = new int[Frequencies.SYMBOLS];
    int[] fourth = new int[Frequencies.SYMBOLS];
    int i = from;
    for (; i < to - 3; i += 4) {
      counts[symbols[i] & 0xff]++;
      second[symbols[i + 1] & 0xff]++;
      third[symbols[i + 2] & 0xff]++;
      fourth[symbols[i + 3] & 0xff]++;
    }
    for (; i < to; i++) {
      counts[symbols[i] & 0xff]++;
    }
    for (int symbol = 0; symbol < Frequencies.SYMBOLS; symbol++) {
      counts[symbol] += second[symbol] + third[symbol] + fourth[symbol];
    }
    return counts;
  }

  /** Order-0 entropy of all counted symbols together, in bits. */
  public static double entropyBits(int[] counts) {
    long total = 0;
    for (int count : counts) {
      total += count;
    }
    double bits = 0;
    for (int count : counts) {
      bits += count == 0 ? 0 : count * bits(count, total);
    }
    return bits;
  }

  /** Bits of a symbol with the probability {@code part / total}; infinite for 0. */
  static double bits(long part, long total) {
    return part == 0 ? Double.POSITIVE_INFINITY : Math.log((double) total / part) / LN_2;
  }
}
