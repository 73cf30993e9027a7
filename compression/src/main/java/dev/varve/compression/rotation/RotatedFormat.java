package dev.varve.compression.rotation;

import dev.varve.compression.EncodedRows;
import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.kernel.Backend;
import java.util.List;
import java.util.Optional;

/**
 * TurboQuant (Zandieh et al., 2025) without its residual sketch, which hurts under softmax: each
 * row is turned by {@link Hadamard}, its elements are written as {@link LloydMax} codes, and one
 * scale gives the row its exact length back. Made for values; keys of some models do not survive
 * it.
 *
 * @param bits 2, 3 or 4
 */
public record RotatedFormat(int bits) implements SectionFormat {
  private static final int FIRST_NUMBER = 0x80;
  private static final int LEAST_BITS = 2;

  public RotatedFormat {
    if (bits < LEAST_BITS || bits > 4) {
      throw new IllegalArgumentException("bits must be 2, 3 or 4: " + bits);
    }
  }

  /** Every format of this family. */
  public static List<RotatedFormat> all() {
    return List.of(new RotatedFormat(2), new RotatedFormat(3), new RotatedFormat(4));
  }

  @Override
  public int number() {
    return FIRST_NUMBER + bits - LEAST_BITS;
  }

  @Override
  public String name() {
    return "rotated" + bits;
  }

  /** {@code bits + 16 / dim}. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    return bits + (double) Short.SIZE / shape.dim();
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, new RotatedCodec(this, shape, backend), backend);
  }

  @Override
  public Optional<EncodedRows> rows(SectionShape shape, Backend backend) {
    return Optional.of(new RotatedCodec(this, shape, backend));
  }
}
