package dev.varve.compression.entropy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Groups runs that look alike, so that a few stored tables serve many channels: Lloyd's algorithm
 * with bits as the distance, begun from groups of equal size in the order of the runs' means, and
 * again in the order of their spread.
 */
final class TableClusters {
  private static final int MOST_TABLES = 16;
  private static final int LEAST_RUNS_PER_TABLE = 4;
  private static final int STEPS = 2;

  private final RunCounts counts;
  private final int tables;

  TableClusters(RunCounts counts) {
    this.counts = counts;
    this.tables = Math.min(MOST_TABLES, counts.runs() / LEAST_RUNS_PER_TABLE);
  }

  /** The smaller plan of the two beginnings, or {@code one} if neither is smaller than that. */
  TablePlan plan(TablePlan one) {
    if (tables < 2 || counts.idealBits() / Byte.SIZE + counts.runs() >= one.bytes()) {
      return one;
    }
    return one.orSmaller(grouped(0, false)).orSmaller(grouped(centre(), true));
  }

  private double centre() {
    double sum = 0;
    for (int run = 0; run < counts.runs(); run++) {
      sum += counts.mean(run, 0, false);
    }
    return sum / counts.runs();
  }

  private TablePlan grouped(double centre, boolean distance) {
    double[] key = new double[counts.runs()];
    Arrays.setAll(key, run -> counts.mean(run, centre, distance));
    int[] order =
        IntStream.range(0, key.length)
            .boxed()
            .sorted(Comparator.comparingDouble(run -> key[run]))
            .mapToInt(Integer::intValue)
            .toArray();
    byte[] choice = new byte[key.length];
    for (int i = 0; i < order.length; i++) {
      choice[order[i]] = (byte) ((long) i * tables / order.length);
    }
    for (int step = 0; step < STEPS; step++) {
      List<Frequencies> made = made(choice);
      double[][] costs = made.stream().map(counts::costs).toArray(double[][]::new);
      TablePlan.choose(counts, costs, choice);
    }
    return stored(choice);
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
