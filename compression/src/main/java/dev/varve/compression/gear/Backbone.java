package dev.varve.compression.gear;

import dev.varve.compression.Section;
import dev.varve.compression.quantize.Axis;
import dev.varve.compression.quantize.UniformFormat;

/** The quantizer whose error GEAR corrects. */
public enum Backbone {
  /** Keys in groups of 64 tokens of a channel, values in groups of 64 channels of a token. */
  KIVI,
  /** Keys in one group for each channel, values in one group for each token. */
  KCVT;

  private static final int KIVI_GROUP = 64;

  /** The format of {@code section}. */
  UniformFormat format(Section section, int bits) {
    boolean keys = section == Section.KEYS;
    return switch (this) {
      case KIVI -> UniformFormat.of(bits, keys ? Axis.CHANNEL : Axis.TOKEN, KIVI_GROUP);
      case KCVT -> UniformFormat.of(bits, keys ? Axis.CHANNEL : Axis.VECTOR, UniformFormat.WHOLE);
    };
  }
}
