package dev.varve.compression.entropy;

import dev.varve.store.Checks;
import org.jspecify.annotations.Nullable;

/**
 * 64 tables that need not be stored: symbols {@code 0 .. levels - 1} around their middle {@code m},
 * in 32 shapes of a Laplace and 32 of a normal distribution, {@code exp(-|k - m| / s)} and {@code
 * exp(-(k - m)^2 / 2s^2)} with the scale {@code s = 2^(i / 4) / 8}. One byte a channel chooses one.
 *
 * <p>The numbers are made with {@link StrictMath}, so that they are the same everywhere. Tables are
 * made when first asked for. For one thread at a time.
 */
final class ShapeBank {
  /** Number of tables. */
  static final int TABLES = 64;

  /** Most levels. */
  static final int MAX_LEVELS = 32;

  private static final int SCALES = TABLES / 2;
  private static final int SCALES_PER_DOUBLING = 4;
  private static final double LEAST_SCALE = 0.125;

  /** Weights are rounded to multiples of 2^-24; a symbol of weight 0 counts as 1 of these. */
  private static final double WEIGHT = 1 << 24;

  private final int levels;
  private final @Nullable Frequencies[] frequencies = new Frequencies[TABLES];
  private final double[] @Nullable [] costs = new double[TABLES][];
  private final @Nullable RansTable[] tables = new RansTable[TABLES];

  ShapeBank(int levels) {
    this.levels = Checks.inRange(levels, 1, MAX_LEVELS, "levels");
  }

  int levels() {
    return levels;
  }

  /** This bank, or a new one if it has another number of levels. */
  ShapeBank of(int wanted) {
    return wanted == levels ? this : new ShapeBank(wanted);
  }

  /** The table {@code index}, 0 to 63. */
  RansTable table(int index) {
    RansTable table = tables[index];
    if (table == null) {
      table = new RansTable(frequencies(index));
      tables[index] = table;
    }
    return table;
  }

  /** The frequencies of table {@code index}. */
  Frequencies frequencies(int index) {
    Frequencies known = frequencies[index];
    if (known == null) {
      known = shape(index);
      frequencies[index] = known;
    }
    return known;
  }

  /** Bits of each of the 256 symbols with table {@code index}; not a copy. */
  double[] costs(int index) {
    double[] known = costs[index];
    if (known == null) {
      Frequencies table = frequencies(index);
      known = new double[Frequencies.SYMBOLS];
      for (int symbol = 0; symbol < known.length; symbol++) {
        known[symbol] = SymbolCounts.bits(table.of(symbol), Frequencies.TOTAL);
      }
      costs[index] = known;
    }
    return known;
  }

  private Frequencies shape(int index) {
    double scale = LEAST_SCALE * StrictMath.pow(2, (double) (index % SCALES) / SCALES_PER_DOUBLING);
    int[] weights = new int[Frequencies.SYMBOLS];
    for (int level = 0; level < levels; level++) {
      double distance = Math.abs(level - (levels - 1) / 2.0) / scale;
      double exponent = index < SCALES ? distance : distance * distance / 2;
      weights[level] = 1 + (int) StrictMath.rint(WEIGHT * StrictMath.exp(-exponent));
    }
    return Frequencies.of(weights);
  }
}
