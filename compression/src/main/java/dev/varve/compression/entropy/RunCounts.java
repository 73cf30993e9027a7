package dev.varve.compression.entropy;

import java.util.Arrays;

/**
 * How often each symbol occurs in each run. Only symbols that occur at all have a column, in
 * ascending order.
 */
final class RunCounts {
  private static final int SIDE_BY_SIDE = 4;
  private static final double BIAS = 1 / (2 * StrictMath.log(2));

  private final int runs;
  private final int[] columns;

  /** {@code [runs][columns]}. */
  private final int[] counts;

  private RunCounts(int runs, int[] columns, int[] counts) {
    this.runs = runs;
    this.columns = columns;
    this.counts = counts;
  }

  /** Counts {@code runs} runs of {@code length} symbols each whose sums are known. */
  static RunCounts of(byte[] symbols, int runs, int length, int[] total) {
    int[] columnOf = new int[Frequencies.SYMBOLS];
    int[] columns = new int[Frequencies.SYMBOLS];
    int used = 0;
    for (int symbol = 0; symbol < Frequencies.SYMBOLS; symbol++) {
      if (total[symbol] > 0) {
        columnOf[symbol] = used;
        columns[used++] = symbol;
      }
    }
    int[] counts = new int[runs * used];
    if (runs == 1) {
      for (int column = 0; column < used; column++) {
        counts[column] = total[columns[column]];
      }
      return new RunCounts(1, Arrays.copyOf(columns, used), counts);
    }
    int run = 0;
    for (; run + SIDE_BY_SIDE <= runs; run += SIDE_BY_SIDE) {
      countFour(symbols, run * length, length, columnOf, counts, run * used, used);
    }
    for (; run < runs; run++) {
      int row = run * used;
      for (int i = run * length; i < (run + 1) * length; i++) {
        counts[row + columnOf[symbols[i] & 0xff]]++;
      }
    }
    return new RunCounts(runs, Arrays.copyOf(columns, used), counts);
  }

  // Four runs in turns, for a counter that was just written is slow to read again.
  private static void countFour(
      byte[] symbols, int from, int length, int[] columnOf, int[] counts, int row, int columns) {
    int row1 = row + columns;
    int row2 = row1 + columns;
    int row3 = row2 + columns;
    for (int i = from; i < from + length; i++) {
      counts[row + columnOf[symbols[i] & 0xff]]++;
      counts[row1 + columnOf[symbols[i + length] & 0xff]]++;
      counts[row2 + columnOf[symbols[i + 2 * length] & 0xff]]++;
      counts[row3 + columnOf[symbols[i + 3 * length] & 0xff]]++;
    }
  }

  int runs() {
    return runs;
  }

  private int count(int run, int column) {
    return counts[run * columns.length + column];
  }

  /**
   * Bits of every run if each had a table of its own, made of what its symbols come from and not of
   * the symbols themselves: the entropy of the counts, which is too small by {@code (k - 1) / 2 ln
   * 2} bits for {@code k} different symbols (G. A. Miller, "Note on the bias of information
   * estimates", 1955).
   */
  double idealBits() {
    double bits = 0;
    for (int run = 0; run < runs; run++) {
      int sum = 0;
      int different = 0;
      for (int column = 0; column < columns.length; column++) {
        int count = count(run, column);
        sum += count;
        different += count > 0 ? 1 : 0;
        bits -= SymbolBits.timesLog(count);
      }
      bits += SymbolBits.timesLog(sum) + BIAS * (different - 1);
    }
    return bits;
  }

  /**
   * Bits of a run with each of several tables at once, whose costs stand side by side so that they
   * are added in vectors.
   *
   * @param costs {@code [columns][tables]}
   * @param bits gets the bits with each table
   */
  void bits(int run, double[][] costs, double[] bits) {
    Arrays.fill(bits, 0);
    for (int column = 0; column < columns.length; column++) {
      int count = count(run, column);
      if (count > 0) {
        addTimes(count, costs[column], bits);
      }
    }
  }

  private static void addTimes(double count, double[] costs, double[] bits) {
    for (int i = 0; i < bits.length; i++) {
      bits[i] += count * costs[i];
    }
  }

  /** Of {@code costs} of all 256 symbols those of the columns. */
  double[] columns(double[] costs) {
    double[] ofColumns = new double[columns.length];
    for (int column = 0; column < columns.length; column++) {
      ofColumns[column] = costs[columns[column]];
    }
    return ofColumns;
  }

  /** Counts of a run times what each column costs. */
  long weighed(int run, int[] costs) {
    long sum = 0;
    int row = run * columns.length;
    for (int column = 0; column < costs.length; column++) {
      sum += (long) counts[row + column] * costs[column];
    }
    return sum;
  }

  /** Counts of groups of runs, {@code [groups][columns]}; {@code groupOf} names each run's. */
  int[][] sums(byte[] groupOf, int groups) {
    int[][] sums = new int[groups][columns.length];
    for (int run = 0; run < runs; run++) {
      int[] sum = sums[groupOf[run]];
      int row = run * columns.length;
      for (int column = 0; column < sum.length; column++) {
        sum[column] += counts[row + column];
      }
    }
    return sums;
  }

  /** Counts of columns as those of all 256 symbols. */
  int[] allSymbols(int[] ofColumns) {
    int[] all = new int[Frequencies.SYMBOLS];
    for (int column = 0; column < columns.length; column++) {
      all[columns[column]] = ofColumns[column];
    }
    return all;
  }

  /** Mean of the symbols of a run. */
  double mean(int run) {
    double sum = 0;
    long count = 0;
    for (int column = 0; column < columns.length; column++) {
      sum += (double) count(run, column) * columns[column];
      count += count(run, column);
    }
    return sum / count;
  }
}
