package dev.varve.compression.entropy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Groups runs that look alike, so that a few stored tables serve many channels: Lloyd's algorithm
 * with bits as the distance, begun from groups of equal size in the order of the runs' means; in a
 * step a run changes to a neighbour of its group at most.
 */
final class TableClusters {
  private static final int MOST_TABLES = 16;
  private static final int LEAST_RUNS_PER_TABLE = 4;

  /** A table takes about 25 bytes, which so many symbols have to save. */
  private static final int LEAST_SYMBOLS_PER_TABLE = 2048;

  /** In which means are compared. */
  private static final int MEAN_STEPS = 1024;

  private static final int PARTS_OF_A_BIT = 256;
  private static final int STEPS = 2;

  private final RunCounts counts;
  private final int tables;

  TableClusters(RunCounts counts, int symbols) {
    this.counts = counts;
    this.tables =
        Math.min(
            MOST_TABLES,
            Math.min(counts.runs() / LEAST_RUNS_PER_TABLE, symbols / LEAST_SYMBOLS_PER_TABLE));
  }

  /** The best plan with several tables, or {@code one} if that cannot be or is not smaller. */
  TablePlan plan(TablePlan one) {
    if (tables < 2 || counts.idealBits() / Byte.SIZE + counts.runs() >= one.bytes()) {
      return one;
    }
    return one.orSmaller(grouped());
  }

  private TablePlan grouped() {
    byte[] choice = byMean();
    for (int step = 0; step < STEPS; step++) {
      int[][] sums = counts.sums(choice, tables);
      int[][] costs = new int[tables][];
      Arrays.setAll(costs, table -> roughCosts(sums[table]));
      for (int run = 0; run < choice.length; run++) {
        choice[run] = nearest(run, choice[run], costs);
      }
    }
    return stored(choice);
  }

  /** The cheapest of a group and its two neighbours, which stand in the order of means. */
  private byte nearest(int run, int group, int[][] costs) {
    int best = group;
    long least = Long.MAX_VALUE;
    for (int i = Math.max(0, group - 1); i <= Math.min(tables - 1, group + 1); i++) {
      long bits = counts.weighed(run, costs[i]);
      best = bits < least ? i : best;
      least = Math.min(bits, least);
    }
    return (byte) best;
  }

  /** Bits of each column by counts alone; those that do not occur are dear, but not impossible. */
  private static int[] roughCosts(int[] counts) {
    long total = 0;
    for (int count : counts) {
      total += count;
    }
    int[] costs = new int[counts.length];
    for (int column = 0; column < costs.length; column++) {
      long frequency = counts[column] * (long) Frequencies.TOTAL / Math.max(1, total);
      double bits = frequency == 0 ? SymbolBits.UNKNOWN : SymbolBits.of((int) frequency);
      costs[column] = (int) (bits * PARTS_OF_A_BIT);
    }
    return costs;
  }

  private byte[] byMean() {
    long[] order = new long[counts.runs()];
    for (int run = 0; run < order.length; run++) {
      order[run] = ((long) (counts.mean(run) * MEAN_STEPS) << Integer.SIZE) | run;
    }
    Arrays.sort(order);
    byte[] choice = new byte[order.length];
    for (int i = 0; i < order.length; i++) {
      choice[(int) order[i]] = (byte) ((long) i * tables / order.length);
    }
    return choice;
  }

  /** The tables of the groups that have members; renumbers {@code choice} to match. */
  private TablePlan stored(byte[] choice) {
    int[][] sums = counts.sums(choice, tables);
    boolean[] used = new boolean[tables];
    for (byte group : choice) {
      used[group] = true;
    }
    List<Frequencies> made = new ArrayList<>();
    byte[] number = new byte[tables];
    double bytes = choice.length;
    for (int group = 0; group < tables; group++) {
      if (used[group]) {
        int[] all = counts.allSymbols(sums[group]);
        Frequencies table = Frequencies.of(all);
        number[group] = (byte) made.size();
        made.add(table);
        bytes += TablePlan.tableBytes(table) + table.bits(all) / Byte.SIZE;
      }
    }
    for (int run = 0; run < choice.length; run++) {
      choice[run] = number[choice[run]];
    }
    return new TablePlan(false, made, choice, bytes);
  }
}
