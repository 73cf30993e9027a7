package dev.varve.store;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** The checksum of block payloads and headers: CRC32C. */
public final class BlockChecksum {

  private static final long PIECE = 1L << 30;

  private BlockChecksum() {}

  /** CRC32C of all bytes of {@code bytes}. */
  public static int crc32c(MemorySegment bytes) {
    CRC32C crc = new CRC32C();
    long length = bytes.byteSize();
    for (long from = 0; from < length; from += PIECE) {
      crc.update(bytes.asSlice(from, Math.min(PIECE, length - from)).asByteBuffer());
    }
    return (int) crc.getValue();
  }
}
