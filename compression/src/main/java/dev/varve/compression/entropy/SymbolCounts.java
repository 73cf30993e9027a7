package dev.varve.compression.entropy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Counts symbols, and says what counts are worth in bits. */
public final class SymbolCounts {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int SAMPLE = 1 << 12;
  private static final double LN_2 = StrictMath.log(2);

  private SymbolCounts() {}

  /** Occurrences of each of the 256 symbols in {@code [from, to)}. */
  public static int[] of(byte[] symbols, int from, int to) {
    // Four tables, for a counter that was just written is slow to read again.
    int[] tables = new int[4 * Frequencies.SYMBOLS];
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      long eight = (long) LONG.get(symbols, i);
      int four = (int) eight;
      tables[four & 0xff]++;
      tables[256 + ((four >>> 8) & 0xff)]++;
      tables[512 + ((four >>> 16) & 0xff)]++;
      tables[768 + (four >>> 24)]++;
      four = (int) (eight >>> Integer.SIZE);
      tables[four & 0xff]++;
      tables[256 + ((four >>> 8) & 0xff)]++;
      tables[512 + ((four >>> 16) & 0xff)]++;
      tables[768 + (four >>> 24)]++;
    }
    for (; i < to; i++) {
      tables[symbols[i] & 0xff]++;
    }
    int[] counts = new int[Frequencies.SYMBOLS];
    for (int symbol = 0; symbol < counts.length; symbol++) {
      counts[symbol] =
          tables[symbol] + tables[256 + symbol] + tables[512 + symbol] + tables[768 + symbol];
    }
    return counts;
  }

  /**
   * Bits a symbol takes by a sample of the first {@code count}, about 4,096 of them in groups of
   * eight that lie evenly, corrected for what so few lack (G. A. Miller, 1955).
   */
  public static double sampledBits(byte[] symbols, int count) {
    int step = Math.max(1, count / SAMPLE) * Long.BYTES;
    byte[] sample = new byte[SAMPLE];
    int taken = 0;
    for (int at = 0; at <= count - Long.BYTES && taken < SAMPLE; at += step) {
      LONG.set(sample, taken, (long) LONG.get(symbols, at));
      taken += Long.BYTES;
    }
    int[] counts = of(sample, 0, taken);
    int different = 0;
    for (int found : counts) {
      different += found > 0 ? 1 : 0;
    }
    return taken == 0 ? 0 : (entropyBits(counts) + (different - 1) / (2 * LN_2)) / taken;
  }

  /** Order-0 entropy of all counted symbols together, in bits. */
  public static double entropyBits(int[] counts) {
    long total = 0;
    for (int count : counts) {
      total += count;
    }
    double bits = SymbolBits.timesLog(total);
    for (int count : counts) {
      bits -= SymbolBits.timesLog(count);
    }
    return bits;
  }

  /** Bits of a symbol with the probability {@code part / total}; infinite for 0. */
  static double bits(long part, long total) {
    return part == 0 ? Double.POSITIVE_INFINITY : Math.log((double) total / part) / LN_2;
  }
}
