package dev.varve.compression;

import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.EnumSet;
import java.util.Set;

/** Opens codecs. */
public final class Codecs {
  private Codecs() {}

  /** A codec that needs no calibrated tables; see the other method. */
  public static BlockCodec open(
      Encoding encoding, BlockGeometry geometry, RopeSpec rope, Backend backend) {
    return open(encoding, geometry, rope, LayerTables.NONE, backend);
  }

  /**
   * A codec of {@code encoding} for blocks of {@code geometry}.
   *
   * @param rope how the keys are turned
   * @param tables what was calibrated for the layer; at least those of {@link #tables}
   * @throws IllegalArgumentException if this program does not know the encoding, or the encoding
   *     cannot write this geometry or lacks a table: says which group does not divide what, or
   *     which table
   */
  public static BlockCodec open(
      Encoding encoding,
      BlockGeometry geometry,
      RopeSpec rope,
      LayerTables tables,
      Backend backend) {
    if (encoding.equals(Encoding.RAW)) {
      return new RawCodec(geometry);
    }
    return new FramedCodec(
        format(encoding, encoding.keyFormat(), "keys"),
        format(encoding, encoding.valueFormat(), "values"),
        geometry,
        rope,
        tables,
        backend);
  }

  /**
   * The calibrated tables that {@code encoding} needs; most need none.
   *
   * @throws IllegalArgumentException if this program does not know the encoding
   */
  public static Set<TableKind> tables(Encoding encoding) {
    if (encoding.equals(Encoding.RAW)) {
      return Set.of();
    }
    Set<TableKind> kinds = EnumSet.noneOf(TableKind.class);
    kinds.addAll(format(encoding, encoding.keyFormat(), "keys").tables(Section.KEYS));
    kinds.addAll(format(encoding, encoding.valueFormat(), "values").tables(Section.VALUES));
    return kinds;
  }

  /** Whether {@code encoding} cannot write keys without knowing how RoPE turned them. */
  public static boolean needsRope(Encoding encoding) {
    return SectionFormats.of(encoding.keyFormat()).map(SectionFormat::needsRope).orElse(false);
  }

  static SectionFormat format(Encoding encoding, int number, String what) {
    return SectionFormats.of(number)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s writes its %s in format 0x%02x, which this program does not know"
                    .formatted(encoding, what, number)));
  }
}
