package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockHeader;
import dev.varve.store.BlockHeaderDescriptor;
import dev.varve.store.HeaderReading;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A record of a segment file, little-endian: one header page, then the payload, padded with zeroes
 * to a whole page. Records follow each other without gaps from offset 0 on.
 *
 * <pre>
 *  0              256        264     272      276          4096
 *  +--------------+----------+-------+--------+------------+---------------+------+
 *  | block header | sequence | epoch | CRC of | zero       | payload       | zero |
 *  |              |          |       | 0..271 |            | payloadBytes  |      |
 *  +--------------+----------+-------+--------+------------+---------------+------+
 * </pre>
 *
 * The epoch of a record is the sequence number of the first record in its file, so records that a
 * file holds from an earlier use are told apart.
 */
final class SegmentRecordDescriptor {

  static final int PAGE = 4096;
  static final int HEADER_OFFSET = 0;
  static final int SEQUENCE_OFFSET = HEADER_OFFSET + BlockHeaderDescriptor.HEADER_LENGTH;
  static final int EPOCH_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
  static final int CRC_OFFSET = EPOCH_OFFSET + Long.BYTES;
  static final int RESERVED_OFFSET = CRC_OFFSET + Integer.BYTES;
  static final int PAYLOAD_OFFSET = PAGE;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private SegmentRecordDescriptor() {}

  /** Bytes of the record of a payload. */
  static long footprint(int payloadBytes) {
    return PAYLOAD_OFFSET + Math.ceilDiv((long) payloadBytes, (long) PAGE) * PAGE;
  }

  /** Writes a header page over the whole of {@code page}. */
  static void write(BlockHeader header, long sequence, long epoch, MemorySegment page) {
    page.fill((byte) 0);
    BlockHeaderDescriptor.write(header, page, HEADER_OFFSET);
    page.set(LONG, SEQUENCE_OFFSET, sequence);
    page.set(LONG, EPOCH_OFFSET, epoch);
    page.set(INT, CRC_OFFSET, BlockChecksum.crc32c(page.asSlice(0, CRC_OFFSET)));
  }

  /** Why {@code page} is not the header page of {@code expected}; empty if it is. */
  static Optional<String> refusal(MemorySegment page, IndexEntry expected) {
    switch (BlockHeaderDescriptor.read(page, HEADER_OFFSET)) {
      case HeaderReading.Refused(String reason) -> {
        return Optional.of(reason);
      }
      case HeaderReading.Sound(BlockHeader header) -> {
        if (!header.equals(expected.header())) {
          return Optional.of("the record is of another block: " + header.key());
        }
      }
    }
    if (page.get(INT, CRC_OFFSET) != BlockChecksum.crc32c(page.asSlice(0, CRC_OFFSET))) {
      return Optional.of("CRC of the record header does not match");
    }
    long sequence = page.get(LONG, SEQUENCE_OFFSET);
    if (sequence != expected.location().sequence()) {
      return Optional.of(
          "record has sequence " + sequence + ", index " + expected.location().sequence());
    }
    return Optional.empty();
  }
}
