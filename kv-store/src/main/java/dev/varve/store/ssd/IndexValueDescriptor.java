package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockHeader;
import dev.varve.store.BlockHeaderDescriptor;
import dev.varve.store.HeaderReading;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A value of the index, little-endian: place of the record and a copy of its header, so that a
 * listing needs no segment file.
 *
 * <pre>
 *  0         8        16         24      28     32                    288
 *  +---------+--------+----------+-------+------+---------------------+
 *  | segment | offset | sequence | CRC   | zero | block header        |
 *  |         |        |          | 0..23 |      |                     |
 *  +---------+--------+----------+-------+------+---------------------+
 * </pre>
 */
final class IndexValueDescriptor {

  static final int SEGMENT_OFFSET = 0;
  static final int RECORD_OFFSET = SEGMENT_OFFSET + Long.BYTES;
  static final int SEQUENCE_OFFSET = RECORD_OFFSET + Long.BYTES;
  static final int CRC_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
  static final int RESERVED_OFFSET = CRC_OFFSET + Integer.BYTES;
  static final int HEADER_OFFSET = RESERVED_OFFSET + Integer.BYTES;
  static final int LENGTH = HEADER_OFFSET + BlockHeaderDescriptor.HEADER_LENGTH;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private IndexValueDescriptor() {}

  static void write(IndexEntry entry, MemorySegment target) {
    target.set(LONG, SEGMENT_OFFSET, entry.location().segment());
    target.set(LONG, RECORD_OFFSET, entry.location().offset());
    target.set(LONG, SEQUENCE_OFFSET, entry.location().sequence());
    target.set(INT, CRC_OFFSET, BlockChecksum.crc32c(target.asSlice(0, CRC_OFFSET)));
    target.set(INT, RESERVED_OFFSET, 0);
    BlockHeaderDescriptor.write(entry.header(), target, HEADER_OFFSET);
  }

  /** Reads a value; total, whatever the bytes are. */
  static IndexReading read(MemorySegment value) {
    if (value.byteSize() != LENGTH) {
      return new IndexReading.Refused(
          "index value of " + value.byteSize() + " bytes, must be " + LENGTH);
    }
    if (value.get(INT, CRC_OFFSET) != BlockChecksum.crc32c(value.asSlice(0, CRC_OFFSET))) {
      return new IndexReading.Refused("CRC of the index value does not match");
    }
    Location location =
        new Location(
            value.get(LONG, SEGMENT_OFFSET),
            value.get(LONG, RECORD_OFFSET),
            value.get(LONG, SEQUENCE_OFFSET));
    if (location.segment() < 0 || location.offset() < 0 || location.sequence() < 0) {
      return new IndexReading.Refused("impossible " + location + " in an index value");
    }
    return switch (BlockHeaderDescriptor.read(value, HEADER_OFFSET)) {
      case HeaderReading.Sound(BlockHeader header) ->
          new IndexReading.Sound(new IndexEntry(header, location));
      case HeaderReading.Refused(String reason) ->
          new IndexReading.Refused("index value: " + reason);
    };
  }
}
