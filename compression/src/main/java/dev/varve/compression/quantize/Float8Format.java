package dev.varve.compression.quantize;

import dev.varve.compression.EncodedRows;
import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.kernel.Backend;
import java.util.Optional;

/**
 * 8-bit floats with one binary32 scale for each head of a block, which brings the head's largest
 * magnitude to the largest 8-bit float.
 */
public record Float8Format(Float8 type) implements SectionFormat {
  @Override
  public int number() {
    return switch (type) {
      case E4M3 -> 0x10;
      case E5M2 -> 0x11;
    };
  }

  @Override
  public String name() {
    return switch (type) {
      case E4M3 -> "fp8.e4m3";
      case E5M2 -> "fp8.e5m2";
    };
  }

  /** {@code 8 + 32 / (tokens * dim)}. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    return Byte.SIZE + (double) Float.SIZE / ((long) shape.blockTokens() * shape.dim());
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, new Float8Codec(type, shape), backend);
  }

  @Override
  public Optional<EncodedRows> rows(SectionShape shape, Backend backend) {
    return Optional.of(new Float8Codec(type, shape));
  }
}
