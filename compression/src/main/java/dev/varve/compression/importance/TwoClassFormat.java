package dev.varve.compression.importance;

import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.quantize.Axis;
import dev.varve.compression.quantize.UniformFormat;
import dev.varve.store.kernel.Backend;
import java.util.List;

/**
 * The two precisions of ZipVL (He et al., 2024): {@linkplain
 * dev.varve.compression.TokenClasses#important important} tokens in {@code more} bits, the others
 * in {@code less}, each class for itself. Keys in one group for each channel of a class, values in
 * one group for each token and head.
 *
 * @param more bits of important tokens
 * @param less bits of the others
 */
public record TwoClassFormat(int more, int less) implements SectionFormat {
  private static final int FIRST_NUMBER = 0x90;

  public TwoClassFormat {
    if (less >= more) {
      throw new IllegalArgumentException(
          "important tokens need more bits than the others: %d and %d".formatted(more, less));
    }
  }

  /** Every format of this family. */
  public static List<TwoClassFormat> all() {
    return List.of(new TwoClassFormat(4, 2), new TwoClassFormat(8, 4), new TwoClassFormat(8, 2));
  }

  @Override
  public int number() {
    return FIRST_NUMBER + all().indexOf(this);
  }

  @Override
  public String name() {
    return "twoclass" + more + "-" + less;
  }

  /** {@code more + 32 / g + 1 / (H d)} with {@code g = T} for keys and {@code g = d} for values. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    return format(shape.section(), more).bitsPerValue(shape) + 1.0 / shape.channels();
  }

  static UniformFormat format(Section section, int bits) {
    Axis axis = section == Section.KEYS ? Axis.CHANNEL : Axis.TOKEN;
    return UniformFormat.of(bits, axis, UniformFormat.WHOLE);
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, new TwoClassCodec(this, shape, backend), backend);
  }
}
