package dev.varve.compression.entropy;

import dev.varve.store.Checks;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * 64 tables that need not be stored: symbols {@code 0 .. levels - 1} around their middle {@code m},
 * in 32 shapes of a Laplace and 32 of a normal distribution, {@code exp(-|k - m| / s)} and {@code
 * exp(-(k - m)^2 / 2s^2)} with the scale {@code s = 2^(i / 4) / 8}. One byte a channel chooses one.
 *
 * <p>The numbers are made with {@link StrictMath}, so that they are the same everywhere. Tables are
 * made when first asked for and kept for all: sections differ in their number of levels, and making
 * the tables of one takes longer than decoding it. Thread-safe.
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

  private static final AtomicReferenceArray<@Nullable ShapeBank> BANKS =
      new AtomicReferenceArray<>(MAX_LEVELS + 1);

  private final int levels;
  private final AtomicReferenceArray<@Nullable Frequencies> frequencies =
      new AtomicReferenceArray<>(TABLES);
  private final AtomicReferenceArray<double @Nullable []> costs =
      new AtomicReferenceArray<>(TABLES);
  private final AtomicReferenceArray<@Nullable RansTable> tables =
      new AtomicReferenceArray<>(TABLES);

  private volatile float @Nullable [] allCosts;

  private ShapeBank(int levels) {
    this.levels = levels;
  }

  /** The bank of so many levels, 1 to 32. */
  static ShapeBank of(int levels) {
    Checks.inRange(levels, 1, MAX_LEVELS, "levels");
    ShapeBank known = BANKS.get(levels);
    if (known != null) {
      return known;
    }
    BANKS.compareAndSet(levels, null, new ShapeBank(levels));
    return Objects.requireNonNull(BANKS.get(levels));
  }

  int levels() {
    return levels;
  }

  /** The table {@code index}, 0 to 63. */
  RansTable table(int index) {
    RansTable table = tables.get(index);
    if (table == null) {
      table = new RansTable(frequencies(index));
      tables.set(index, table);
    }
    return table;
  }

  /** The frequencies of table {@code index}. */
  Frequencies frequencies(int index) {
    Frequencies known = frequencies.get(index);
    if (known == null) {
      known = shape(index);
      frequencies.set(index, known);
    }
    return known;
  }

  /** Bits of each of the 256 symbols with table {@code index}; not a copy. */
  double[] costs(int index) {
    double[] known = costs.get(index);
    if (known == null) {
      Frequencies table = frequencies(index);
      known = new double[Frequencies.SYMBOLS];
      for (int symbol = 0; symbol < known.length; symbol++) {
        known[symbol] = SymbolBits.of(table.of(symbol));
      }
      costs.set(index, known);
    }
    return known;
  }

  /** Bits of each level with each table, {@code [tables][levels]}; not a copy. */
  float[] costs() {
    float[] known = allCosts;
    if (known == null) {
      known = new float[TABLES * levels];
      for (int i = 0; i < known.length; i++) {
        known[i] = (float) costs(i / levels)[i % levels];
      }
      allCosts = known;
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
