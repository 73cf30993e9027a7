package dev.varve.compression.lossless;

import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.kernel.Backend;

/**
 * Gives back every bit, in as few bytes as {@link LosslessSection} needs: never more than the
 * elements themselves and {@link LosslessCodec#FRONT_BYTES}.
 */
public record LosslessFormat() implements SectionFormat {

  /** Stored number. */
  public static final int NUMBER = 1;

  @Override
  public int number() {
    return NUMBER;
  }

  @Override
  public String name() {
    return "lossless";
  }

  /** The most that it takes. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    double front = LosslessCodec.FRONT_BYTES / (double) shape.values(shape.blockTokens());
    return Byte.SIZE * (shape.dtype().bytes() + front);
  }

  @Override
  public boolean sizeDependsOnContent() {
    return true;
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new LosslessCodec(shape, backend);
  }
}
