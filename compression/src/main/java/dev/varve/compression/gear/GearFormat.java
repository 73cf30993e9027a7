package dev.varve.compression.gear;

import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import java.util.ArrayList;
import java.util.List;

/**
 * GEAR (Kang et al., 2024), and GEAR-L, which keeps no outliers: {@code x' = D + Q P^T}, then the
 * outliers in their places. {@code D} is what {@link Backbone} makes of the rest; {@code Q}, {@code
 * P} are an approximation of low rank of its error, head by head. A block is one segment.
 *
 * @param bits of the backbone, 4 or 2
 * @param rank of the correction, 2, 4 or 8
 * @param outliers whether 1 % at either end of each vector are kept exactly: of the tokens of each
 *     key channel, of the channels of each token's values
 */
public record GearFormat(Backbone backbone, int bits, int rank, boolean outliers)
    implements SectionFormat {
  /** One of so many entries of a vector is kept at either end. */
  static final int ENTRIES_PER_OUTLIER = 100;

  private static final List<Integer> BITS = List.of(4, 2);
  private static final List<Integer> RANKS = List.of(2, 4, 8);
  private static final int GEAR_NUMBERS = 0x60;
  private static final int GEAR_L_NUMBERS = 0x70;
  private static final int KCVT_NUMBERS = 6;
  private static final int MOST_CHANNELS = 1 << Short.SIZE;

  public GearFormat {
    if (!BITS.contains(bits) || !RANKS.contains(rank)) {
      throw new IllegalArgumentException(
          "bits must be one of %s and the rank one of %s: %d and %d"
              .formatted(BITS, RANKS, bits, rank));
    }
  }

  /** Every format of this family. */
  public static List<GearFormat> all() {
    List<GearFormat> all = new ArrayList<>();
    for (Backbone backbone : Backbone.values()) {
      for (int bits : BITS) {
        for (int rank : RANKS) {
          all.add(new GearFormat(backbone, bits, rank, true));
          all.add(new GearFormat(backbone, bits, rank, false));
        }
      }
    }
    return all;
  }

  @Override
  public int number() {
    return (outliers ? GEAR_NUMBERS : GEAR_L_NUMBERS)
        + (backbone == Backbone.KCVT ? KCVT_NUMBERS : 0)
        + BITS.indexOf(bits) * RANKS.size()
        + RANKS.indexOf(rank);
  }

  @Override
  public String name() {
    String kind = outliers ? "gear" : "gearl";
    String base = backbone == Backbone.KIVI ? "kivi" : "kcvt";
    return "%s%d.%s.rank%d".formatted(kind, bits, base, rank);
  }

  /**
   * The backbone's, {@code 16 r (1/d + 1/T)} for the correction, and the bits of an index and an
   * element for each outlier.
   */
  @Override
  public double bitsPerValue(SectionShape shape) {
    double correction =
        (double) Short.SIZE * rank * (1.0 / shape.dim() + 1.0 / shape.blockTokens());
    int length = vectorLength(shape, shape.blockTokens());
    double sparse = 2.0 * perSide(length) * Byte.SIZE * Outliers.entryBytes(shape) / length;
    return backbone.format(shape.section(), bits).bitsPerValue(shape) + correction + sparse;
  }

  /** Entries of a vector that outliers are picked from. */
  static int vectorLength(SectionShape shape, int tokens) {
    return shape.section() == Section.KEYS ? tokens : shape.channels();
  }

  /** Outliers at either end of a vector. */
  int perSide(int length) {
    return outliers ? length / ENTRIES_PER_OUTLIER : 0;
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, codec(shape, backend), backend);
  }

  /** The part that works on floats. */
  public GearCodec codec(SectionShape shape, Backend backend) {
    Checks.inRange(shape.channels(), 1, MOST_CHANNELS, "channels of all heads");
    return new GearCodec(this, shape, backend);
  }
}
