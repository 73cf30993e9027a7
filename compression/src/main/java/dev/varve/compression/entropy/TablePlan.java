package dev.varve.compression.entropy;

import java.util.List;

/** Which table each run is written with. */
final class TablePlan {
  private final boolean shapes;
  private final List<Frequencies> tables;
  private final byte[] choice;
  private final double bytes;

  /**
   * @param shapes whether the tables are those of a {@link ShapeBank} and not stored
   * @param tables the stored tables; empty with {@code shapes}
   * @param choice one byte a run: its table; empty if there is one stored table
   * @param bytes bytes of tables, choice and symbols
   */
  TablePlan(boolean shapes, List<Frequencies> tables, byte[] choice, double bytes) {
    this.shapes = shapes;
    this.tables = tables;
    this.choice = choice;
    this.bytes = bytes;
  }

  boolean shapes() {
    return shapes;
  }

  List<Frequencies> tables() {
    return tables;
  }

  byte[] choice() {
    return choice;
  }

  double bytes() {
    return bytes;
  }

  /** All runs with one table. */
  static TablePlan one(Frequencies table, int[] counts) {
    double bytes = tableBytes(table) + table.bits(counts) / Byte.SIZE;
    return new TablePlan(false, List.of(table), new byte[0], bytes);
  }

  /** Each run with the shape that writes it smallest. */
  static TablePlan shapes(ShapeBank bank, RunCounts counts) {
    double[][] costs = new double[ShapeBank.TABLES][];
    for (int i = 0; i < costs.length; i++) {
      costs[i] = counts.columns(bank.costs(i));
    }
    byte[] choice = new byte[counts.runs()];
    double bits = choose(counts, costs, choice);
    return new TablePlan(true, List.of(), choice, choice.length + bits / Byte.SIZE);
  }

  /** The smaller of two. */
  TablePlan orSmaller(TablePlan other) {
    return other.bytes < bytes ? other : this;
  }

  /** Chooses for every run the first of the cheapest tables; returns the bits of all. */
  static double choose(RunCounts counts, double[][] costs, byte[] choice) {
    double[][] byColumn = transposed(costs);
    double[] bits = new double[costs.length];
    double sum = 0;
    for (int run = 0; run < choice.length; run++) {
      counts.bits(run, byColumn, bits);
      int least = 0;
      for (int i = 1; i < bits.length; i++) {
        least = bits[i] < bits[least] ? i : least;
      }
      choice[run] = (byte) least;
      sum += bits[least];
    }
    return sum;
  }

  private static double[][] transposed(double[][] costs) {
    double[][] byColumn = new double[costs[0].length][costs.length];
    for (int table = 0; table < costs.length; table++) {
      for (int column = 0; column < byColumn.length; column++) {
        byColumn[column][table] = costs[table][column];
      }
    }
    return byColumn;
  }

  static int tableBytes(Frequencies table) {
    return FrequencyFormat.write(table, new byte[FrequencyFormat.MAX_BYTES], 0);
  }
}
