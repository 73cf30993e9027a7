package dev.varve.compression.vq;

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
 * NSNQuant (Son et al., 2025): normalise, shift, normalise makes every row of a head a standard
 * normal one after a Hadamard rotation, so that one {@link Codebook} fits all models.
 *
 * @param bits 1, or 2 with a sign for every element
 */
public record NsnFormat(int bits) implements SectionFormat {
  private static final int FIRST_NUMBER = 0xa0;

  public NsnFormat {
    if (bits != 1 && bits != 2) {
      throw new IllegalArgumentException("bits must be 1 or 2: " + bits);
    }
  }

  /** Every format of this family. */
  public static List<NsnFormat> all() {
    return List.of(new NsnFormat(1), new NsnFormat(2));
  }

  @Override
  public int number() {
    return FIRST_NUMBER + bits - 1;
  }

  @Override
  public String name() {
    return "nsn" + bits;
  }

  /** {@code bits + 32 / dim + 16 / tokens}. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    return bits + 2.0 * Short.SIZE / shape.dim() + (double) Short.SIZE / shape.blockTokens();
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, new NsnCodec(this, shape), backend);
  }

  @Override
  public Optional<EncodedRows> rows(SectionShape shape, Backend backend) {
    return Optional.of(new NsnCodec(this, shape));
  }
}
