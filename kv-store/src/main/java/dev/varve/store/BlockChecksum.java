package dev.varve.store;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli) of memory: detects damage at memory speed, says nothing about identity. */
public final class BlockChecksum {

  /** Longest piece shown to {@link CRC32C} at once; a byte buffer holds less than 2 GiB. */
  private static final long PIECE_BYTES = 1L << 30;

  private BlockChecksum() {}

  /** The checksum of all bytes of {@code bytes}, of any length; 0 for none. */
  public static int crc32c(MemorySegment bytes) {
    CRC32C crc = new CRC32C();
    long size = bytes.byteSize();
    for (long from = 0; from < size; from += PIECE_BYTES) {
      crc.update(bytes.asSlice(from, Math.min(PIECE_BYTES, size - from)).asByteBuffer());
    }
    return (int) crc.getValue();
  }
}
