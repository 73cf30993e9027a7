package dev.varve.compression;

import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.compression.predicted.BlockInputs;
import dev.varve.compression.predicted.EarlierLayer;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.EnumSet;
import java.util.Optional;
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
    SectionFormat keys = format(encoding, encoding.keyFormat(), "keys");
    SectionFormat values = format(encoding, encoding.valueFormat(), "values");
    return new FramedCodec(
        Encoding.of(keys.number(), values.number()),
        geometry,
        FramedSection.open(
            Section.KEYS, geometry, rope, shape -> keys.open(shape, tables, backend)),
        FramedSection.open(
            Section.VALUES, geometry, rope, shape -> values.open(shape, tables, backend)),
        Optional.empty());
  }

  /**
   * A codec of an encoding that is {@link #dependent}.
   *
   * @param earlier the layer whose decoded blocks it predicts from
   * @param tables as for {@link #open}
   * @throws IllegalArgumentException as {@link #open}
   */
  public static DependentCodec openAfter(
      EarlierLayer earlier,
      Encoding encoding,
      BlockGeometry geometry,
      RopeSpec rope,
      LayerTables tables,
      Backend backend) {
    SectionFormat keys = format(encoding, encoding.keyFormat(), "keys");
    SectionFormat values = format(encoding, encoding.valueFormat(), "values");
    BlockInputs inputs = new BlockInputs(earlier, geometry, rope, backend);
    boolean linked = values.dependent() && !geometry.valueIsPrefixOfKey();
    FramedCodec codec =
        new FramedCodec(
            encoding,
            geometry,
            FramedSection.open(
                Section.KEYS, geometry, rope, shape -> keys.open(shape, tables, inputs, backend)),
            FramedSection.open(
                Section.VALUES,
                geometry,
                rope,
                shape -> values.open(shape, tables, inputs, backend)),
            linked ? Optional.of(inputs) : Optional.empty());
    return new DependentCodec(codec, inputs);
  }

  /** Whether {@code encoding} predicts blocks from those of an earlier layer. */
  public static boolean dependent(Encoding encoding) {
    return SectionFormats.of(encoding.keyFormat()).map(SectionFormat::dependent).orElse(false)
        || SectionFormats.of(encoding.valueFormat()).map(SectionFormat::dependent).orElse(false);
  }

  /**
   * What stands in for {@code encoding} in the first layer, which nothing predicts.
   *
   * @throws IllegalArgumentException if this program does not know the encoding
   */
  public static Encoding independent(Encoding encoding) {
    return Encoding.of(
        format(encoding, encoding.keyFormat(), "keys").independent().number(),
        format(encoding, encoding.valueFormat(), "values").independent().number());
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
    return SectionFormats.of(encoding.keyFormat()).map(SectionFormat::needsRope).orElse(false)
        || (dependent(encoding)
            && SectionFormats.of(encoding.valueFormat())
                .map(SectionFormat::needsRope)
                .orElse(false));
  }

  static SectionFormat format(Encoding encoding, int number, String what) {
    return SectionFormats.of(number)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s writes its %s in format 0x%02x, which this program does not know"
                    .formatted(encoding, what, number)));
  }
}
