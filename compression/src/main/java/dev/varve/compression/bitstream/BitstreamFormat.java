package dev.varve.compression.bitstream;

import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One section as entropy-coded symbols, in the class of CacheGen (Liu et al., 2024), whose size
 * depends on the content. All elements of a section are quantized with the same step, so that each
 * errs alike: least bits for a given squared error of independent channels (reverse water-filling;
 * Cover and Thomas, 2006, 10.3.3).
 *
 * @param level 0 (nearly exact, about 7 bits) to 6 (about 1.5 bits, less where rows resemble each
 *     other)
 */
public record BitstreamFormat(int level) implements SectionFormat {
  private static final int FIRST_NUMBER = 0xb0;

  /** Step of the values as a share of their root mean square after the means are taken out. */
  private static final float[] STEPS = {0.03125f, 0.1f, 0.25f, 0.4f, 0.65f, 1.0f, 1.5f};

  /** Attention is as sensitive to keys with this many times the step. */
  private static final float KEY_FACTOR = 1.5f;

  public BitstreamFormat {
    Checks.inRange(level, 0, STEPS.length - 1, "level");
  }

  /** Every format of this family. */
  public static List<BitstreamFormat> all() {
    return IntStream.range(0, STEPS.length).mapToObj(BitstreamFormat::new).toList();
  }

  @Override
  public int number() {
    return FIRST_NUMBER + level;
  }

  @Override
  public String name() {
    return "bitstream" + level;
  }

  /** The step of {@code section} in units of its standard deviation. */
  float step(Section section) {
    return section == Section.KEYS ? KEY_FACTOR * STEPS[level] : STEPS[level];
  }

  @Override
  public boolean sizeDependsOnContent() {
    return true;
  }

  /** The most it may be; what it is depends on the content, about 1.5 to 7 bits by level. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    long most = BitstreamLayout.maxBytes(shape, shape.blockTokens());
    return (double) Byte.SIZE * most / shape.values(shape.blockTokens());
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, new BitstreamCodec(this, shape, backend), backend);
  }
}
