package dev.varve.compression.calibrated;

import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.Axis;
import dev.varve.compression.quantize.UniformFormat;
import dev.varve.store.kernel.Backend;
import java.util.List;
import java.util.Set;

/**
 * Four bits in groups of channels of a token, after keys were divided by calibrated factors that
 * make their channels alike (SmoothAttention of QServe, Lin et al., 2024; COMET, Liu et al., 2024,
 * uses the small groups). Both channels that RoPE turns together share a factor, so that dividing
 * and turning may be done in either order. Values are not divided.
 *
 * @param group channels that share a scale; {@link UniformFormat#WHOLE} for a row
 */
public record SmoothFormat(int group) implements SectionFormat {
  private static final int BITS = 4;
  private static final int FIRST_NUMBER = 0xc0;
  private static final List<Integer> GROUPS = List.of(32, 64, 128, UniformFormat.WHOLE);

  public SmoothFormat {
    if (!GROUPS.contains(group)) {
      throw new IllegalArgumentException("the group must be one of " + GROUPS + ": " + group);
    }
  }

  /** Every format of this family. */
  public static List<SmoothFormat> all() {
    return GROUPS.stream().map(SmoothFormat::new).toList();
  }

  @Override
  public int number() {
    return FIRST_NUMBER + GROUPS.indexOf(group);
  }

  @Override
  public String name() {
    return "smooth4.token" + (group == UniformFormat.WHOLE ? "" : group);
  }

  /** {@code 4 + 32 / group}: the factors are in the tables. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    return backbone().bitsPerValue(shape);
  }

  @Override
  public Set<TableKind> tables(Section section) {
    return section == Section.KEYS ? Set.of(TableKind.KEY_FACTORS) : Set.of();
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, codec(shape, tables, backend), backend);
  }

  /** The part that works on floats. */
  SmoothCodec codec(SectionShape shape, LayerTables tables, Backend backend) {
    float[] factors = SmoothFactors.of(shape, tables, name());
    return new SmoothCodec(backbone().codec(shape, backend), groupSize(shape), factors);
  }

  private int groupSize(SectionShape shape) {
    return backbone().groupSize(shape);
  }

  private UniformFormat backbone() {
    return UniformFormat.of(BITS, Axis.TOKEN, group);
  }
}
