package dev.varve.compression;

import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.compression.predicted.BlockInputs;
import dev.varve.store.kernel.Backend;
import java.util.Optional;
import java.util.Set;

/**
 * One way to write a section: a value with a number and a name that never change their meaning. Two
 * formats, one for keys and one for values, make an {@link dev.varve.store.Encoding}. The numbers
 * and the bytes are specified in {@code docs/formats/encodings.md}.
 */
public interface SectionFormat {

  /** The stored number, 0 to 255; below 16 for formats that give back every bit. */
  int number();

  /** The name in configurations and reports, as {@code int4.token32}. */
  String name();

  /**
   * Bits for each element of a full block of {@code shape}, scales and all other side information
   * included, the {@linkplain FrameDescriptor frame} not; where the size depends on the context,
   * with every token important; where it depends on the content, the most that it may be.
   */
  double bitsPerValue(SectionShape shape);

  /** Whether two sections of one shape may take different numbers of bytes. */
  default boolean sizeDependsOnContent() {
    return false;
  }

  /** The calibrated tables that sections of this kind need; most formats need none. */
  default Set<TableKind> tables(Section section) {
    return Set.of();
  }

  /** Whether keys cannot be written without knowing how RoPE turned them. */
  default boolean needsRope() {
    return false;
  }

  /** Whether sections are predicted from the decoded block of an earlier layer. */
  default boolean dependent() {
    return false;
  }

  /** What stands in for this format where there is no earlier layer; this one if it needs none. */
  default SectionFormat independent() {
    return this;
  }

  /**
   * A codec for sections of {@code shape}.
   *
   * @param tables of the layer; at least those of {@link #tables}
   * @throws IllegalArgumentException if the format cannot write this shape or lacks a table: says
   *     which group does not divide what, or which table
   */
  SectionCodec open(SectionShape shape, LayerTables tables, Backend backend);

  /**
   * A codec for sections that may be predicted from {@code inputs}; see the other method.
   *
   * @throws IllegalArgumentException as the other
   */
  default SectionCodec open(
      SectionShape shape, LayerTables tables, BlockInputs inputs, Backend backend) {
    return open(shape, tables, backend);
  }

  /**
   * What decodes any row of such a section by itself; empty where rows depend on each other.
   *
   * @throws IllegalArgumentException as {@link #open}
   */
  default Optional<EncodedRows> rows(SectionShape shape, Backend backend) {
    return Optional.empty();
  }
}
