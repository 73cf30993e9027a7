package dev.varve.compression.container;

import dev.varve.store.BlockChecksum;
import java.lang.foreign.MemorySegment;

/**
 * Makes the checksums of a damaged container right again, as far as its numbers still lead to them:
 * what a stranger who means harm would do.
 */
final class Resealing {
  private Resealing() {}

  static void container(MemorySegment file) {
    long size = file.byteSize();
    if (size < FileHeaderDescriptor.LENGTH + FooterDescriptor.LENGTH) {
      return;
    }
    MemorySegment footer = file.asSlice(size - FooterDescriptor.LENGTH);
    long indexOffset = footer.get(Layouts.LONG, FooterDescriptor.INDEX_OFFSET);
    long entries = footer.get(Layouts.LONG, FooterDescriptor.ENTRIES_OFFSET);
    if (indexOffset >= 0 && indexOffset <= size - FooterDescriptor.LENGTH) {
      long room = (size - FooterDescriptor.LENGTH - indexOffset) / EntryDescriptor.LENGTH;
      for (long i = 0; i < Math.clamp(entries, 0, room); i++) {
        record(file, indexOffset + i * EntryDescriptor.LENGTH);
      }
      MemorySegment index = file.asSlice(indexOffset, size - FooterDescriptor.LENGTH - indexOffset);
      footer.set(Layouts.INT, FooterDescriptor.INDEX_CRC_OFFSET, BlockChecksum.crc32c(index));
    }
    long metadata = file.get(Layouts.LONG, FileHeaderDescriptor.METADATA_BYTES_OFFSET);
    if (metadata >= 0 && metadata <= size - FileHeaderDescriptor.LENGTH) {
      MemorySegment bytes = file.asSlice(FileHeaderDescriptor.LENGTH, metadata);
      file.set(Layouts.INT, FileHeaderDescriptor.METADATA_CRC_OFFSET, BlockChecksum.crc32c(bytes));
    }
    seal(file, 0, FileHeaderDescriptor.CRC_OFFSET);
    footer.set(
        Layouts.INT,
        FooterDescriptor.HEADER_CRC_OFFSET,
        file.get(Layouts.INT, FileHeaderDescriptor.CRC_OFFSET));
    footer.set(Layouts.LONG, FooterDescriptor.FILE_BYTES_OFFSET, size);
    seal(footer, 0, FooterDescriptor.CRC_OFFSET);
  }

  /** The payload's checksum goes to the index; then the record becomes what the index says. */
  private static void record(MemorySegment file, long entry) {
    long offset = file.get(Layouts.LONG, entry + EntryDescriptor.OFFSET_OFFSET);
    long bytes = file.get(Layouts.LONG, entry + EntryDescriptor.BYTES_OFFSET);
    long room = file.byteSize() - RecordDescriptor.HEADER_LENGTH;
    if (offset < FileHeaderDescriptor.LENGTH
        || offset > room
        || bytes < 0
        || bytes > room - offset) {
      return;
    }
    MemorySegment payload = file.asSlice(offset + RecordDescriptor.HEADER_LENGTH, bytes);
    file.set(Layouts.INT, entry + EntryDescriptor.CRC_OFFSET, BlockChecksum.crc32c(payload));
    MemorySegment.copy(
        file, entry, file, offset + RecordDescriptor.ENTRY_OFFSET, EntryDescriptor.LENGTH);
    seal(file, offset, RecordDescriptor.CRC_OFFSET);
  }

  private static void seal(MemorySegment bytes, long at, int length) {
    bytes.set(Layouts.INT, at + length, BlockChecksum.crc32c(bytes.asSlice(at, length)));
  }
}
