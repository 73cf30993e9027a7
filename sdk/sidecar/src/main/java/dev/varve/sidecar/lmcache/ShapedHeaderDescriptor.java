package dev.varve.sidecar.lmcache;

import dev.varve.store.BlockChecksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The bytes in front of a value that is not stored as it came. Little-endian. Behind it stand the
 * slabs, each a frame of the wire without a gap, and then the length of each frame, 4 bytes each,
 * and their CRC32C. A value that by chance begins like this is stored as it is behind a header of
 * no slabs.
 *
 * <pre>
 *  0             16        20      24      28     32      36        40              60     64
 *  +-------------+---------+-------+-------+------+-------+---------+---------------+------+
 *  | magic       | version | slabs | tokens| heads| dim   | dtype   | zero          | CRC  |
 *  +-------------+---------+-------+-------+------+-------+---------+---------------+------+
 * </pre>
 */
final class ShapedHeaderDescriptor {

  /** Bytes of a header. */
  static final int BYTES = 64;

  /** Bytes that no value begins with by chance. */
  static final int MAGIC_BYTES = 16;

  private static final long MAGIC_FIRST = 0x64657061_68536b76L;
  private static final long MAGIC_SECOND = 0x9b71d224_8f0a3ce1L;
  private static final int VERSION = 1;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private ShapedHeaderDescriptor() {}

  /** Whether bytes begin with the magic. */
  static boolean begins(MemorySegment bytes) {
    return bytes.byteSize() >= MAGIC_BYTES
        && bytes.get(LONG, 0) == MAGIC_FIRST
        && bytes.get(LONG, 8) == MAGIC_SECOND;
  }

  /** The header of a value with these slabs; empty for one that is stored as it is. */
  static MemorySegment write(Optional<SlabShape> shape) {
    MemorySegment header = MemorySegment.ofArray(new byte[BYTES]);
    header.set(LONG, 0, MAGIC_FIRST);
    header.set(LONG, 8, MAGIC_SECOND);
    header.set(INT, 16, VERSION);
    if (shape.isPresent()) {
      header.set(INT, 20, shape.get().slabs());
      header.set(INT, 24, shape.get().tokens());
      header.set(INT, 28, shape.get().heads());
      header.set(INT, 32, shape.get().dim());
      header.set(INT, 36, shape.get().dtype().id());
    }
    header.set(INT, BYTES - 4, checksum(header));
    return header;
  }

  /** What a header says; empty if it is damaged. */
  static Optional<ShapedHeader> read(MemorySegment header) {
    if (!begins(header)
        || header.get(INT, 16) != VERSION
        || header.get(INT, BYTES - 4) != checksum(header)) {
      return Optional.empty();
    }
    int slabs = header.get(INT, 20);
    if (slabs == 0) {
      return Optional.of(new ShapedHeader(Optional.empty()));
    }
    return SlabShapes.dtype(header.get(INT, 36))
        .map(dtype ->
            new SlabShape(
                slabs / 2, header.get(INT, 24), header.get(INT, 28), header.get(INT, 32), dtype))
        .filter(shape -> slabs % 2 == 0 && shape.fits())
        .map(shape -> new ShapedHeader(Optional.of(shape)));
  }

  private static int checksum(MemorySegment header) {
    return BlockChecksum.crc32c(header.asSlice(0, BYTES - 4));
  }
}
