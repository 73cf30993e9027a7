package dev.varve.compression.calibrated;

import dev.varve.compression.FloatCodec;
import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.store.kernel.Backend;
import java.util.List;
import java.util.Set;

/**
 * KVQuant (Hooper et al., 2024): keys before RoPE by channel, in ranges that were calibrated;
 * values by token; levels that lie where the numbers lie; what lies outside is kept exactly.
 *
 * @param bits 2, 3 or 4
 */
public record KvQuantFormat(int bits) implements SectionFormat {
  private static final int FIRST_NUMBER = 0xc4;
  private static final int LEAST_BITS = 2;

  public KvQuantFormat {
    if (bits < LEAST_BITS || bits > 4) {
      throw new IllegalArgumentException("bits must be 2, 3 or 4: " + bits);
    }
  }

  /** Every format of this family. */
  public static List<KvQuantFormat> all() {
    return List.of(new KvQuantFormat(2), new KvQuantFormat(3), new KvQuantFormat(4));
  }

  @Override
  public int number() {
    return FIRST_NUMBER + bits - LEAST_BITS;
  }

  @Override
  public String name() {
    return "kvquant" + bits;
  }

  /** Of keys: how many outliers there are depends on the numbers. */
  @Override
  public boolean sizeDependsOnContent() {
    return true;
  }

  /**
   * Values: {@code bits + 32 / channels + outliers * (16 + element bits) / channels}, exactly.
   * Keys: the same with a count of 16 bits for each token, and the most outliers that there may be.
   */
  @Override
  public double bitsPerValue(SectionShape shape) {
    int tokens = shape.blockTokens();
    long most =
        shape.section() == Section.KEYS
            ? KvQuantKeys.maxBytes(bits, shape, tokens)
            : KvQuantValues.bytes(bits, shape, tokens);
    return (double) Byte.SIZE * most / shape.values(tokens);
  }

  @Override
  public Set<TableKind> tables(Section section) {
    return section == Section.KEYS
        ? Set.of(TableKind.KEY_MIDDLES, TableKind.KEY_REACHES, TableKind.levels(true, bits))
        : Set.of(TableKind.levels(false, bits));
  }

  @Override
  public boolean needsRope() {
    return true;
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new FloatSectionCodec(shape, codec(shape, tables, backend), backend);
  }

  /** The part that works on floats. */
  FloatCodec codec(SectionShape shape, LayerTables tables, Backend backend) {
    if (shape.dim() % Byte.SIZE != 0) {
      throw new IllegalArgumentException(
          "%s: rows of %d elements do not fill whole bytes".formatted(name(), shape.dim()));
    }
    if (shape.channels() >= 1 << Short.SIZE) {
      throw new IllegalArgumentException(
          "%s: a token has %d elements, at most 65535 can be told apart"
              .formatted(name(), shape.channels()));
    }
    return shape.section() == Section.KEYS
        ? new KvQuantKeys(bits, shape, tables, backend)
        : new KvQuantValues(bits, shape, tables, backend);
  }
}
