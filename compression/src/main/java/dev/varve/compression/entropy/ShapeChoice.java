package dev.varve.compression.entropy;

import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.List;

/**
 * Which table of a {@link ShapeBank} writes each column of a matrix of symbols in the fewest bits,
 * and how many bytes that is. Every table is tried on the counts of every column. The same symbols
 * give the same choice on every backend. Holds scratch memory: for one thread at a time.
 */
public final class ShapeChoice {
  private final ColumnKernel kernel;
  private final int[] totals = new int[Frequencies.SYMBOLS];
  private float[] counts = {};
  private float[] bits = {};
  private int[] tables = {};
  private int columns;
  private int levels;
  private int count;
  private TablePlan plan = new TablePlan(true, List.of(), new byte[0], 0);

  public ShapeChoice(Backend backend) {
    this.kernel = ColumnKernel.of(backend);
  }

  /** Length of an array that holds so many symbols and what kernels may read behind them. */
  public static int room(int symbols) {
    return symbols + ColumnKernel.PADDING;
  }

  /**
   * Chooses.
   *
   * @param symbols {@code [rows][columns]}, each below {@code levels}; an array of at least {@link
   *     #room}
   * @param rows at least 1
   * @param levels 1 to 32
   */
  public void choose(byte[] symbols, int rows, int columns, int levels) {
    Checks.positive(rows, "rows");
    Checks.positive(columns, "columns");
    Checks.inRange(room(rows * columns), 0, symbols.length, "room for symbols");
    this.columns = columns;
    this.levels = levels;
    float[] costs = ShapeBank.of(levels).costs();
    int padding = ColumnKernel.PADDING;
    int stride = (columns + padding - 1) / padding * padding;
    if (counts.length < ShapeBank.MAX_LEVELS * stride) {
      counts = new float[ShapeBank.MAX_LEVELS * stride];
      bits = new float[stride];
      tables = new int[stride];
    }
    kernel.count(symbols, rows, columns, levels, counts, stride);
    kernel.cheapest(counts, stride, columns, levels, costs, bits, tables);
    total(rows * columns, stride);
    plan = plan(symbols[0]);
  }

  private void total(int symbols, int stride) {
    Arrays.fill(totals, 0);
    for (int level = 0; level < levels; level++) {
      int total = 0;
      for (int column = 0; column < columns; column++) {
        total += (int) counts[level * stride + column];
      }
      totals[level] = total;
    }
    count = symbols;
  }

  private TablePlan plan(byte symbol) {
    if (totals[symbol] == count) {
      return new TablePlan(true, List.of(), new byte[0], 1);
    }
    double sum = 0;
    byte[] choice = new byte[columns];
    for (int column = 0; column < columns; column++) {
      sum += bits[column];
      choice[column] = (byte) tables[column];
    }
    TablePlan shapes = new TablePlan(true, List.of(), choice, columns + sum / Byte.SIZE);
    return SymbolCounts.entropyBits(totals) / Byte.SIZE < shapes.bytes()
        ? TablePlan.one(Frequencies.of(totals), totals).orSmaller(shapes)
        : shapes;
  }

  /** About how many bytes the symbols take as they were chosen for last. */
  public double bytes() {
    return Math.min(plan.bytes(), count);
  }

  /** Symbols that were chosen for last. */
  int count() {
    return count;
  }

  int columns() {
    return columns;
  }

  int levels() {
    return levels;
  }

  /** The tables; without a choice where there is but one symbol. */
  TablePlan plan() {
    return plan;
  }
}
