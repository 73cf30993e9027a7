package dev.varve.compression.container;

import dev.varve.store.Encoding;
import java.util.OptionalInt;

/**
 * A record as the index and the record's own header describe it.
 *
 * @param encoding what the payload is written in
 * @param dependsOn layer that a block depends on, or {@link #INDEPENDENT}
 * @param tableSet number of the table set that a block needs, or 0
 * @param held tokens of a block, uncompressed bytes of a piece, else 0
 * @param offset where the record begins in the file
 * @param bytes length of the payload
 * @param crc CRC32C of the payload
 */
record RecordEntry(
    RecordKey key,
    Encoding encoding,
    int dependsOn,
    int tableSet,
    int held,
    long offset,
    long bytes,
    int crc) {

  /** Stored where a block depends on no other. */
  static final int INDEPENDENT = 0xffff;

  @Override
  public String toString() {
    return "%s: %s, %d bytes with CRC 0x%08x, holding %d, after layer %d, with table set %d"
        .formatted(key, encoding, bytes, crc, held, dependsOn, tableSet);
  }

  /** Where the payload begins in the file. */
  long payloadOffset() {
    return offset + RecordDescriptor.HEADER_LENGTH;
  }

  /** Where the payload ends in the file. */
  long end() {
    return payloadOffset() + bytes;
  }

  /** This entry as that of a block. */
  BlockEntry block() {
    OptionalInt layer = dependsOn == INDEPENDENT ? OptionalInt.empty() : OptionalInt.of(dependsOn);
    BlockAddress address = new BlockAddress(key.group(), key.part(), key.level());
    return new BlockEntry(
        new BlockInfo(address, encoding, held, layer, tableSet), offset, bytes, crc);
  }
}
