package dev.varve.compression.container;

import static dev.varve.compression.container.FaultException.corrupt;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One part of the metadata: type, flags, length, value, zeros up to a multiple of eight. Bit 0 of
 * the flags says that a reader must know the type.
 *
 * <pre>
 *   0      2       4        8
 *   +------+-------+--------+----------------+---------+
 *   | type | flags | length | value          | zero    |
 *   +------+-------+--------+----------------+---------+
 * </pre>
 */
record Tlv(int type, boolean critical, MemorySegment value) {
  /** Bytes in front of the value. */
  static final int FRONT = 8;

  private static final int ALIGNMENT = 8;
  private static final int FLAGS_OFFSET = 2;
  private static final int LENGTH_OFFSET = 4;
  private static final int CRITICAL = 1;

  /** Bytes with front and padding. */
  long bytes() {
    return FRONT + Layouts.aligned(value.byteSize(), ALIGNMENT);
  }

  /** Writes all parts one after the other. */
  static void writeAll(List<Tlv> parts, MemorySegment target) {
    long at = 0;
    for (Tlv part : parts) {
      target.asSlice(at, part.bytes()).fill((byte) 0);
      target.set(Layouts.SHORT, at, (short) part.type);
      target.set(Layouts.SHORT, at + FLAGS_OFFSET, (short) (part.critical ? CRITICAL : 0));
      target.set(Layouts.INT, at + LENGTH_OFFSET, Math.toIntExact(part.value.byteSize()));
      target.asSlice(at + FRONT, part.value.byteSize()).copyFrom(part.value);
      at += part.bytes();
    }
  }

  /** The parts that {@code metadata} consist of; values are slices. */
  static List<Tlv> readAll(MemorySegment metadata) throws FaultException {
    List<Tlv> parts = new ArrayList<>();
    long at = 0;
    while (at < metadata.byteSize()) {
      long left = metadata.byteSize() - at;
      if (left < FRONT) {
        throw corrupt("%d bytes are left over at the end of the metadata".formatted(left));
      }
      int type = Short.toUnsignedInt(metadata.get(Layouts.SHORT, at));
      int flags = Short.toUnsignedInt(metadata.get(Layouts.SHORT, at + FLAGS_OFFSET));
      long length = Integer.toUnsignedLong(metadata.get(Layouts.INT, at + LENGTH_OFFSET));
      if (Layouts.aligned(length, ALIGNMENT) > left - FRONT) {
        throw corrupt(
            "metadata of type %d take %d bytes, %d are left".formatted(type, length, left - FRONT));
      }
      Tlv part = new Tlv(type, (flags & CRITICAL) != 0, metadata.asSlice(at + FRONT, length));
      parts.add(part);
      at += part.bytes();
    }
    return parts;
  }
}
