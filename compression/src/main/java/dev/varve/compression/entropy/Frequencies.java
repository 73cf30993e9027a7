package dev.varve.compression.entropy;

import java.util.Arrays;

/**
 * How often each of 256 symbols is expected, in 4,096ths. The numbers add up to {@link #TOTAL}; a
 * symbol of frequency 0 cannot be written. Immutable.
 */
public final class Frequencies {
  /** Logarithm of {@link #TOTAL}. */
  public static final int BITS = 12;

  /** What the frequencies add up to. */
  public static final int TOTAL = 1 << BITS;

  /** Symbols are bytes. */
  public static final int SYMBOLS = 256;

  private final int[] values;
  private final int present;

  private Frequencies(int[] values) {
    this.values = values;
    int occurring = 0;
    for (int value : values) {
      occurring += value > 0 ? 1 : 0;
    }
    this.present = occurring;
  }

  /**
   * Rounds counts to 4,096ths: every symbol that occurs gets at least 1, and what rounding leaves
   * over goes, one by one, where it saves most bits. Integer arithmetic, so that all machines
   * agree.
   *
   * @param counts occurrences of each of the 256 symbols, not all zero
   */
  public static Frequencies of(int[] counts) {
    if (counts.length != SYMBOLS) {
      throw new IllegalArgumentException("there must be 256 counts: " + counts.length);
    }
    long total = 0;
    for (int count : counts) {
      if (count < 0) {
        throw new IllegalArgumentException("a count must not be negative: " + count);
      }
      total += count;
    }
    if (total == 0) {
      throw new IllegalArgumentException("all 256 counts are 0: there is nothing to expect");
    }
    int[] rounded = new int[SYMBOLS];
    int[] symbols = new int[SYMBOLS];
    int present = 0;
    int sum = 0;
    for (int symbol = 0; symbol < SYMBOLS; symbol++) {
      if (counts[symbol] > 0) {
        rounded[symbol] = (int) Math.max(1, counts[symbol] * (long) TOTAL / total);
        sum += rounded[symbol];
        symbols[present++] = symbol;
      }
    }
    for (; sum < TOTAL; sum++) {
      rounded[mostMissed(counts, rounded, symbols, present)]++;
    }
    for (; sum > TOTAL; sum--) {
      rounded[leastMissed(counts, rounded, symbols, present)]--;
    }
    return new Frequencies(rounded);
  }

  /**
   * Takes frequencies as they are.
   *
   * @throws IllegalArgumentException if they are not 256 numbers of at least 0 that add up to 4,096
   */
  static Frequencies exactly(int[] values) {
    int sum = 0;
    for (int value : values) {
      sum = value < 0 || value > TOTAL ? Integer.MIN_VALUE : sum + value;
    }
    if (values.length != SYMBOLS || sum != TOTAL) {
      throw new IllegalArgumentException("256 frequencies must add up to 4096: " + sum);
    }
    return new Frequencies(values.clone());
  }

  /** Frequency of {@code symbol}, 0 to 4,096. */
  public int of(int symbol) {
    return values[symbol];
  }

  /** How many symbols can be written. */
  public int present() {
    return present;
  }

  /** Bits that symbols of these counts take; infinite if one of them cannot be written. */
  public double bits(int[] counts) {
    double bits = 0;
    for (int symbol = 0; symbol < SYMBOLS; symbol++) {
      if (counts[symbol] > 0) {
        bits += counts[symbol] * SymbolBits.of(values[symbol]);
      }
    }
    return bits;
  }

  // One more 4,096th saves count * log((f + 1) / f) bits, which is nearly count / (f + 1/2).
  private static int mostMissed(int[] counts, int[] rounded, int[] symbols, int present) {
    int best = symbols[0];
    for (int i = 1; i < present; i++) {
      int symbol = symbols[i];
      if (counts[symbol] * (2L * rounded[best] + 1) > counts[best] * (2L * rounded[symbol] + 1)) {
        best = symbol;
      }
    }
    return best;
  }

  private static int leastMissed(int[] counts, int[] rounded, int[] symbols, int present) {
    int best = -1;
    for (int i = 0; i < present; i++) {
      int symbol = symbols[i];
      if (rounded[symbol] > 1
          && (best < 0
              || counts[symbol] * (2L * rounded[best] - 1)
                  < counts[best] * (2L * rounded[symbol] - 1))) {
        best = symbol;
      }
    }
    return best;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Frequencies that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Frequencies of " + present + " symbols";
  }
}
