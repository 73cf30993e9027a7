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
 *  0              256        264     272      280     288     296     300     304   308
 *  +--------------+----------+-------+--------+-------+-------+-------+-------+-----+------+
 *  | block header | sequence | epoch | offset | store | batch | batch | state | CRC | zero |
 *  |              |          |       |        |       | first | count |       |     |      |
 *  +--------------+----------+-------+--------+-------+-------+-------+-------+-----+------+
 *  4096
 *  +--------------------+------+
 *  | payload            | zero |
 *  +--------------------+------+
 * </pre>
 *
 * The epoch is the number of the segment, which a file gets anew whenever it is used again: what an
 * earlier use left in it has a smaller one. The store's number is random, so that no payload can
 * pass for a record.
 */
final class SegmentRecordDescriptor {

  static final int PAGE = 4096;
  static final int HEADER_OFFSET = 0;
  static final int SEQUENCE_OFFSET = HEADER_OFFSET + BlockHeaderDescriptor.HEADER_LENGTH;
  static final int EPOCH_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
  static final int OFFSET_OFFSET = EPOCH_OFFSET + Long.BYTES;
  static final int STORE_OFFSET = OFFSET_OFFSET + Long.BYTES;
  static final int BATCH_FIRST_OFFSET = STORE_OFFSET + Long.BYTES;
  static final int BATCH_COUNT_OFFSET = BATCH_FIRST_OFFSET + Long.BYTES;
  static final int STATE_OFFSET = BATCH_COUNT_OFFSET + Integer.BYTES;
  static final int CRC_OFFSET = STATE_OFFSET + Integer.BYTES;
  static final int RESERVED_OFFSET = CRC_OFFSET + Integer.BYTES;
  static final int PAYLOAD_OFFSET = PAGE;

  private static final int LIVE = 0;
  private static final int REMOVED = 1;
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
  static void write(SegmentRecord record, long store, MemorySegment page) {
    page.fill((byte) 0);
    BlockHeaderDescriptor.write(record.header(), page, HEADER_OFFSET);
    page.set(LONG, SEQUENCE_OFFSET, record.location().sequence());
    page.set(LONG, EPOCH_OFFSET, record.location().segment());
    page.set(LONG, OFFSET_OFFSET, record.location().offset());
    page.set(LONG, STORE_OFFSET, store);
    page.set(LONG, BATCH_FIRST_OFFSET, record.batch().first());
    page.set(INT, BATCH_COUNT_OFFSET, record.batch().count());
    page.set(INT, STATE_OFFSET, record.removed() ? REMOVED : LIVE);
    page.set(INT, CRC_OFFSET, BlockChecksum.crc32c(page.asSlice(0, CRC_OFFSET)));
  }

  /** Reads a header page; total, whatever the bytes are. */
  static RecordReading read(MemorySegment page, long store) {
    if (page.byteSize() < PAGE) {
      return refused("a record begins with a page, there are " + page.byteSize() + " bytes");
    }
    return switch (BlockHeaderDescriptor.read(page, HEADER_OFFSET)) {
      case HeaderReading.Refused(String reason) -> refused(reason);
      case HeaderReading.Sound(BlockHeader header) -> read(page, store, header);
    };
  }

  private static RecordReading read(MemorySegment page, long store, BlockHeader header) {
    if (page.get(INT, CRC_OFFSET) != BlockChecksum.crc32c(page.asSlice(0, CRC_OFFSET))) {
      return refused("CRC of the record header does not match");
    }
    if (page.get(LONG, STORE_OFFSET) != store) {
      return refused("the record is of another store");
    }
    Location location =
        new Location(
            page.get(LONG, EPOCH_OFFSET),
            page.get(LONG, OFFSET_OFFSET),
            page.get(LONG, SEQUENCE_OFFSET));
    SegmentRecord.Batch batch =
        new SegmentRecord.Batch(
            page.get(LONG, BATCH_FIRST_OFFSET), page.get(INT, BATCH_COUNT_OFFSET));
    long place = location.sequence() - batch.first();
    if (location.segment() < 0 || batch.first() < 0 || place < 0 || place >= batch.count()) {
      return refused("impossible " + location + " in " + batch);
    }
    boolean removed = page.get(INT, STATE_OFFSET) != LIVE;
    return new RecordReading.Sound(new SegmentRecord(header, location, batch, removed));
  }

  /** Why {@code page} is not the header page of {@code expected}; empty if it is. */
  static Optional<String> refusal(MemorySegment page, long store, IndexEntry expected) {
    return switch (read(page, store)) {
      case RecordReading.Refused(String reason) -> Optional.of(reason);
      case RecordReading.Sound(SegmentRecord record)
          when !record.header().equals(expected.header()) ->
          Optional.of("the record is of another block: " + record.header().key());
      case RecordReading.Sound(SegmentRecord record)
          when record.location().sequence() != expected.location().sequence() ->
          Optional.of(
              "record has sequence "
                  + record.location().sequence()
                  + ", index "
                  + expected.location().sequence());
      case RecordReading.Sound(SegmentRecord record)
          when !record.location().equals(expected.location()) ->
          Optional.of("the record says " + record.location() + ", index " + expected.location());
      case RecordReading.Sound(SegmentRecord record) when record.removed() ->
          Optional.of("the record is marked as removed");
      case RecordReading.Sound _ -> Optional.empty();
    };
  }

  private static RecordReading refused(String reason) {
    return new RecordReading.Refused(reason);
  }
}
