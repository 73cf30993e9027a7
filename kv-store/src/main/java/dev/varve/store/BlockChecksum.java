package dev.varve.store;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli) of memory: detects damage at memory speed, says nothing about identity. */
public final class BlockChecksum {

  /** Longest piece shown to {@link CRC32C} at once; a byte buffer holds less than 2 GiB. */
  private static final long PIECE_BYTES = 1L << 30;

  /** Well within the second cache of a core, twice. */
  private static final long COPIED_BYTES = 1L << 17;

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

  /**
   * Copies bytes and checks what was copied, piece by piece while a piece is in the cache.
   *
   * @param target as long as {@code source}
   * @return the checksum of all bytes of {@code target}
   */
  public static int copy(MemorySegment source, MemorySegment target) {
    CRC32C crc = new CRC32C();
    long size = source.byteSize();
    Objects.checkFromIndexSize(0, size, target.byteSize());
    for (long from = 0; from < size; from += COPIED_BYTES) {
      long bytes = Math.min(COPIED_BYTES, size - from);
      MemorySegment piece = target.asSlice(from, bytes);
      MemorySegment.copy(source, from, piece, 0, bytes);
      crc.update(piece.asByteBuffer());
    }
    return (int) crc.getValue();
  }
}
