package dev.varve.compression.entropy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Groups runs that look alike, so that a few stored tables serve many channels: Lloyd's algorithm
 * with bits as the distance, begun from groups of equal size in the order of the runs' means.
 */
final class TableClusters {
  private static final int MOST_TABLES = 16;
  private static final int LEAST_RUNS_PER_TABLE = 4;

  /** A table takes about 25 bytes, which so many symbols have to save. */
  private static final int LEAST_SYMBOLS_PER_TABLE = 2048;

  /** In which means are compared. */
  private static final int MEAN_STEPS = 1024;

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
      List<Frequencies> made = made(choice);
      double[][] costs = made.stream().map(counts::costs).toArray(double[][]::new);
      TablePlan.choose(counts, costs, choice);
    }
    return stored(choice);
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

  /** Tables of the groups that have members; renumbers {@code choice} to match. */
  private List<Frequencies> made(byte[] choice) {
    int[][] sums = new int[tables][];
    for (int run = 0; run < choice.length; run++) {
      if (sums[choice[run]] == null) {
        sums[choice[run]] = new int[Frequencies.SYMBOLS];
      }
      counts.addTo(sums[choice[run]], run);
    }
    List<Frequencies> made = new ArrayList<>();
    byte[] number = new byte[tables];
    for (int i = 0; i < tables; i++) {
      if (sums[i] != null) {
        number[i] = (byte) made.size();
        made.add(Frequencies.of(sums[i]));
      }
    }
    for (int run = 0; run < choice.length; run++) {
      choice[run] = number[choice[run]];
    }
    return made;
  }

  private TablePlan stored(byte[] choice) {
    List<Frequencies> made = made(choice);
    double[][] costs = made.stream().map(counts::costs).toArray(double[][]::new);
    double bytes = choice.length;
    for (Frequencies table : made) {
      bytes += TablePlan.tableBytes(table);
    }
    for (int run = 0; run < choice.length; run++) {
      bytes += counts.bits(run, costs[choice[run]]) / Byte.SIZE;
    }
    return new TablePlan(false, made, choice, bytes);
  }
}
