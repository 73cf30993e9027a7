package dev.varve.compression.container;

import dev.varve.store.BlockChecksum;
import java.lang.foreign.MemorySegment;

/**
 * The last 64 bytes of a file, behind the index.
 *
 * <pre>
 *   0       8              16        24          28           32             40     60              64
 *   +-------+--------------+---------+-----------+------------+--------------+------+---------------+
 *   | magic | index offset | entries | index CRC | header CRC | file length  | zero | CRC of 0 - 59 |
 *   +-------+--------------+---------+-----------+------------+--------------+------+---------------+
 * </pre>
 */
final class FooterDescriptor {
  /** First eight bytes: {@code VARVEEND}. */
  static final long MAGIC = 0x444e454556524156L;

  /** Bytes of the footer. */
  static final int LENGTH = 64;

  static final int MAGIC_OFFSET = 0;
  static final int INDEX_OFFSET = 8;
  static final int ENTRIES_OFFSET = 16;
  static final int INDEX_CRC_OFFSET = 24;
  static final int HEADER_CRC_OFFSET = 28;
  static final int FILE_BYTES_OFFSET = 32;
  static final int CRC_OFFSET = 60;

  private FooterDescriptor() {}

  static void write(Footer footer, MemorySegment target) {
    target.asSlice(0, LENGTH).fill((byte) 0);
    target.set(Layouts.LONG, MAGIC_OFFSET, MAGIC);
    target.set(Layouts.LONG, INDEX_OFFSET, footer.indexOffset());
    target.set(Layouts.LONG, ENTRIES_OFFSET, footer.entries());
    target.set(Layouts.INT, INDEX_CRC_OFFSET, footer.indexCrc());
    target.set(Layouts.INT, HEADER_CRC_OFFSET, footer.headerCrc());
    target.set(Layouts.LONG, FILE_BYTES_OFFSET, footer.fileBytes());
    target.set(Layouts.INT, CRC_OFFSET, BlockChecksum.crc32c(target.asSlice(0, CRC_OFFSET)));
  }

  /**
   * Reads the footer of {@code file} and checks it, and the bounds and checksum of the index.
   *
   * @param start where the first record may begin
   */
  static Footer read(MemorySegment file, long start) throws FaultException {
    long size = file.byteSize();
    if (size - start < LENGTH || file.get(Layouts.LONG, size - LENGTH) != MAGIC) {
      throw new FaultException(
          FaultKind.TRUNCATED_INPUT,
          "the footer is missing, and with it the index: the file ends after %d bytes without one;"
                  .formatted(size)
              + " it was cut off, or its writer never finished it: get a whole copy, or write it"
              + " again");
    }
    MemorySegment bytes = file.asSlice(size - LENGTH, LENGTH);
    RecordDescriptor.checksum(
        "footer", bytes.asSlice(0, CRC_OFFSET), bytes.get(Layouts.INT, CRC_OFFSET));
    Footer footer =
        new Footer(
            bytes.get(Layouts.LONG, INDEX_OFFSET),
            bytes.get(Layouts.LONG, ENTRIES_OFFSET),
            bytes.get(Layouts.INT, INDEX_CRC_OFFSET),
            bytes.get(Layouts.INT, HEADER_CRC_OFFSET),
            bytes.get(Layouts.LONG, FILE_BYTES_OFFSET));
    if (footer.fileBytes() != size) {
      throw new FaultException(
          FaultKind.TRUNCATED_INPUT,
          "the file has %d bytes, its footer says %d".formatted(size, footer.fileBytes()));
    }
    if (footer.headerCrc() != file.get(Layouts.INT, FileHeaderDescriptor.CRC_OFFSET)) {
      throw FaultException.corrupt("the footer is that of another file: the header's CRC differs");
    }
    long room = size - LENGTH - footer.indexOffset();
    if (footer.indexOffset() < start
        || footer.entries() < 0
        || footer.entries() > size / EntryDescriptor.LENGTH
        || footer.entries() * EntryDescriptor.LENGTH != room) {
      throw FaultException.corrupt(
          "an index of %d entries at byte %d does not end where the footer begins, at byte %d"
              .formatted(footer.entries(), footer.indexOffset(), size - LENGTH));
    }
    RecordDescriptor.checksum("index", file.asSlice(footer.indexOffset(), room), footer.indexCrc());
    return footer;
  }
}
