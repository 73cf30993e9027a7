package dev.varve.compression.container;

import static dev.varve.compression.container.FaultException.corrupt;

import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The bytes of a {@link RecordEntry}, in the index and in the header of the record.
 *
 * <pre>
 *   0      1       2       4        8        16        24    28         30        32      36      40
 *   +------+-------+-------+--------+--------+---------+-----+----------+---------+-------+-------+
 *   | kind | level | group | part   | offset | length  | CRC | encoding | depends | table | held  |
 *   +------+-------+-------+--------+--------+---------+-----+----------+---------+-------+-------+
 * </pre>
 */
final class EntryDescriptor {
  /** Bytes of an entry. */
  static final int LENGTH = 40;

  static final int KIND_OFFSET = 0;
  static final int LEVEL_OFFSET = 1;
  static final int GROUP_OFFSET = 2;
  static final int PART_OFFSET = 4;
  static final int OFFSET_OFFSET = 8;
  static final int BYTES_OFFSET = 16;
  static final int CRC_OFFSET = 24;
  static final int ENCODING_OFFSET = 28;
  static final int DEPENDS_OFFSET = 30;
  static final int TABLE_OFFSET = 32;
  static final int HELD_OFFSET = 36;

  private EntryDescriptor() {}

  static void write(RecordEntry entry, MemorySegment target, long at) {
    RecordKey key = entry.key();
    target.set(Layouts.BYTE, at + KIND_OFFSET, (byte) key.kind().id());
    target.set(Layouts.BYTE, at + LEVEL_OFFSET, (byte) key.level());
    target.set(Layouts.SHORT, at + GROUP_OFFSET, (short) key.group());
    target.set(Layouts.INT, at + PART_OFFSET, key.part());
    target.set(Layouts.LONG, at + OFFSET_OFFSET, entry.offset());
    target.set(Layouts.LONG, at + BYTES_OFFSET, entry.bytes());
    target.set(Layouts.INT, at + CRC_OFFSET, entry.crc());
    target.set(Layouts.SHORT, at + ENCODING_OFFSET, (short) entry.encoding().id());
    target.set(Layouts.SHORT, at + DEPENDS_OFFSET, (short) entry.dependsOn());
    target.set(Layouts.INT, at + TABLE_OFFSET, entry.tableSet());
    target.set(Layouts.INT, at + HELD_OFFSET, entry.held());
  }

  /** Reads an entry; numbers that cannot be are a fault, whether they fit the file is not seen. */
  static RecordEntry read(MemorySegment source, long at) throws FaultException {
    int id = Byte.toUnsignedInt(source.get(Layouts.BYTE, at + KIND_OFFSET));
    Optional<RecordKind> kind = RecordKind.of(id);
    int part = source.get(Layouts.INT, at + PART_OFFSET);
    int table = source.get(Layouts.INT, at + TABLE_OFFSET);
    int held = source.get(Layouts.INT, at + HELD_OFFSET);
    if (kind.isEmpty() || part < 0 || table < 0 || held < 0) {
      throw corrupt(
          "a record of kind %d, part %d, table set %d, holding %d"
              .formatted(id, part, table, held));
    }
    RecordKey key =
        new RecordKey(
            kind.get(),
            unsigned(source, at + GROUP_OFFSET),
            part,
            Byte.toUnsignedInt(source.get(Layouts.BYTE, at + LEVEL_OFFSET)));
    return new RecordEntry(
        key,
        Encoding.of(unsigned(source, at + ENCODING_OFFSET)),
        unsigned(source, at + DEPENDS_OFFSET),
        table,
        held,
        source.get(Layouts.LONG, at + OFFSET_OFFSET),
        source.get(Layouts.LONG, at + BYTES_OFFSET),
        source.get(Layouts.INT, at + CRC_OFFSET));
  }

  private static int unsigned(MemorySegment source, long at) {
    return Short.toUnsignedInt(source.get(Layouts.SHORT, at));
  }
}
