package dev.varve.compression.container;

import dev.varve.store.BlockChecksum;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/**
 * The header in front of each payload; the payload follows at once, then zeros up to the next
 * record or the index.
 *
 * <pre>
 *   0       4          8                        48      52             56     60              64
 *   +-------+----------+------------------------+-------+--------------+------+---------------+--------
 *   | magic | zero     | entry, as in the index | flags | CRC of block | zero | CRC of 0 - 59 | payload
 *   +-------+----------+------------------------+-------+--------------+------+---------------+--------
 * </pre>
 */
final class RecordDescriptor {
  /** First four bytes: {@code VRVR}. */
  static final int MAGIC = 0x52565256;

  /** Bytes in front of the payload. */
  static final int HEADER_LENGTH = 64;

  /** Longest payload: that of the largest block in the most wasteful encoding. */
  static final long MAX_PAYLOAD = (1L << 30) + (1 << 20);

  static final int MAGIC_OFFSET = 0;
  static final int ENTRY_OFFSET = 8;
  static final int FLAGS_OFFSET = 48;
  static final int ORIGINAL_OFFSET = 52;
  static final int CRC_OFFSET = 60;

  /** Flag: the CRC of the block before it was encoded is told. */
  private static final int WITH_ORIGINAL = 1;

  private RecordDescriptor() {}

  /**
   * Writes the header of a record.
   *
   * @param original CRC32C of a block before it was encoded, where that is told
   */
  static void write(RecordEntry entry, OptionalInt original, MemorySegment target) {
    target.asSlice(0, HEADER_LENGTH).fill((byte) 0);
    target.set(Layouts.INT, MAGIC_OFFSET, MAGIC);
    EntryDescriptor.write(entry, target, ENTRY_OFFSET);
    target.set(Layouts.INT, FLAGS_OFFSET, original.isPresent() ? WITH_ORIGINAL : 0);
    target.set(Layouts.INT, ORIGINAL_OFFSET, original.orElse(0));
    target.set(Layouts.INT, CRC_OFFSET, BlockChecksum.crc32c(target.asSlice(0, CRC_OFFSET)));
  }

  /** The entry of the record at {@code offset}, of whose header all bytes are there. */
  static RecordEntry read(MemorySegment file, long offset) throws FaultException {
    MemorySegment header = file.asSlice(offset, HEADER_LENGTH);
    int magic = header.get(Layouts.INT, MAGIC_OFFSET);
    if (magic != MAGIC) {
      throw new FaultException(
          FaultKind.BAD_MAGIC,
          "no record at byte %d: it begins with 0x%08x, not 0x%08x"
              .formatted(offset, magic, MAGIC));
    }
    checksum(
        "header of the record at byte " + offset,
        header.asSlice(0, CRC_OFFSET),
        header.get(Layouts.INT, CRC_OFFSET));
    return EntryDescriptor.read(header, ENTRY_OFFSET);
  }

  /** CRC32C of a block before it was encoded, if the record at {@code offset} tells it. */
  static OptionalInt original(MemorySegment file, long offset) {
    int flags = file.get(Layouts.INT, offset + FLAGS_OFFSET);
    return (flags & WITH_ORIGINAL) == 0
        ? OptionalInt.empty()
        : OptionalInt.of(file.get(Layouts.INT, offset + ORIGINAL_OFFSET));
  }

  /** Checks that the record that {@code entry} names lies where it says, payload included. */
  static void check(RecordEntry entry, MemorySegment file) throws FaultException {
    RecordEntry own = read(file, entry.offset());
    if (!own.equals(entry)) {
      throw FaultException.corrupt(
          "the record at byte %d is %s, the index says %s".formatted(entry.offset(), own, entry));
    }
    checksum("payload", file.asSlice(entry.payloadOffset(), entry.bytes()), entry.crc());
  }

  /** Throws if {@code bytes} have another checksum. */
  static void checksum(String what, MemorySegment bytes, int stored) throws FaultException {
    int computed = BlockChecksum.crc32c(bytes);
    if (computed != stored) {
      throw new FaultException(
          FaultKind.CHECKSUM_MISMATCH,
          "CRC of the %s is 0x%08x, stored 0x%08x".formatted(what, computed, stored));
    }
  }
}
