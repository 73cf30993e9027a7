package dev.varve.compression.container;

import dev.varve.store.BlockChecksum;
import java.lang.foreign.MemorySegment;

/**
 * The first 64 bytes of a file.
 *
 * <pre>
 *   0       8       10      12     16      24        32       40      44       46      47      48
 *   +-------+-------+-------+------+-------+---------+--------+-------+--------+-------+-------+
 *   | magic | major | minor |length| flags | created | tokens | chunk | layers | dtype | align |
 *   +-------+-------+-------+------+-------+---------+--------+-------+--------+-------+-------+
 *  48               56                60              64
 *   +---------------+-----------------+---------------+
 *   | metadata bytes| CRC of metadata | CRC of 0 - 59 |  metadata ...
 *   +---------------+-----------------+---------------+
 * </pre>
 */
final class FileHeaderDescriptor {
  /** First eight bytes: 0x89, {@code VARVE}, carriage return, line feed. */
  static final long MAGIC = 0x0a0d455652415689L;

  /** Version written, and the newest that is read. */
  static final int MAJOR = 1;

  /** Version written; what a newer one adds may be passed over. */
  static final int MINOR = 1;

  /** Bytes of the header. */
  static final int LENGTH = 64;

  /** Flags that a reader must know. */
  static final long CRITICAL = 0xffff_ffffL;

  /** Critical flags that this program knows: none are defined. */
  static final long KNOWN_CRITICAL = 0;

  static final int MAGIC_OFFSET = 0;
  static final int MAJOR_OFFSET = 8;
  static final int MINOR_OFFSET = 10;
  static final int LENGTH_OFFSET = 12;
  static final int FLAGS_OFFSET = 16;
  static final int CREATED_OFFSET = 24;
  static final int TOKENS_OFFSET = 32;
  static final int CHUNK_TOKENS_OFFSET = 40;
  static final int LAYERS_OFFSET = 44;
  static final int DTYPE_OFFSET = 46;
  static final int ALIGNMENT_OFFSET = 47;
  static final int METADATA_BYTES_OFFSET = 48;
  static final int METADATA_CRC_OFFSET = 56;
  static final int CRC_OFFSET = 60;

  private FileHeaderDescriptor() {}

  static void write(FileHeader header, MemorySegment target) {
    target.asSlice(0, LENGTH).fill((byte) 0);
    target.set(Layouts.LONG, MAGIC_OFFSET, MAGIC);
    target.set(Layouts.SHORT, MAJOR_OFFSET, (short) header.major());
    target.set(Layouts.SHORT, MINOR_OFFSET, (short) header.minor());
    target.set(Layouts.INT, LENGTH_OFFSET, LENGTH);
    target.set(Layouts.LONG, FLAGS_OFFSET, header.flags());
    target.set(Layouts.LONG, CREATED_OFFSET, header.createdMillis());
    target.set(Layouts.LONG, TOKENS_OFFSET, header.tokens());
    target.set(Layouts.INT, CHUNK_TOKENS_OFFSET, header.chunkTokens());
    target.set(Layouts.SHORT, LAYERS_OFFSET, (short) header.layers());
    target.set(Layouts.BYTE, DTYPE_OFFSET, (byte) header.dtype());
    target.set(Layouts.BYTE, ALIGNMENT_OFFSET, (byte) header.alignmentLog());
    target.set(Layouts.LONG, METADATA_BYTES_OFFSET, header.metadataBytes());
    target.set(Layouts.INT, METADATA_CRC_OFFSET, header.metadataCrc());
    target.set(Layouts.INT, CRC_OFFSET, BlockChecksum.crc32c(target.asSlice(0, CRC_OFFSET)));
  }

  /** Reads and checks the header and the length and checksum of the metadata behind it. */
  static FileHeader read(MemorySegment file) throws FaultException {
    checkMagic(file);
    int major = unsigned(file, MAJOR_OFFSET);
    int minor = unsigned(file, MINOR_OFFSET);
    int length = file.get(Layouts.INT, LENGTH_OFFSET);
    if (major != MAJOR || length != LENGTH) {
      throw new FaultException(
          FaultKind.UNSUPPORTED_VERSION,
          "container version %d.%d with a header of %d bytes, this program reads version %d with %d%s"
              .formatted(
                  major,
                  minor,
                  Integer.toUnsignedLong(length),
                  MAJOR,
                  LENGTH,
                  major > MAJOR ? ": a newer one is needed" : ": the file is damaged"));
    }
    RecordDescriptor.checksum(
        "file header", file.asSlice(0, CRC_OFFSET), file.get(Layouts.INT, CRC_OFFSET));
    long flags = file.get(Layouts.LONG, FLAGS_OFFSET);
    if ((flags & CRITICAL & ~KNOWN_CRITICAL) != 0) {
      throw new FaultException(
          FaultKind.UNKNOWN_CRITICAL_FLAG,
          "critical flags 0x%08x, this program knows 0x%08x: a newer one is needed"
              .formatted(flags & CRITICAL, KNOWN_CRITICAL));
    }
    FileHeader header =
        new FileHeader(
            major,
            minor,
            flags,
            file.get(Layouts.LONG, CREATED_OFFSET),
            file.get(Layouts.LONG, TOKENS_OFFSET),
            file.get(Layouts.INT, CHUNK_TOKENS_OFFSET),
            unsigned(file, LAYERS_OFFSET),
            Byte.toUnsignedInt(file.get(Layouts.BYTE, DTYPE_OFFSET)),
            Byte.toUnsignedInt(file.get(Layouts.BYTE, ALIGNMENT_OFFSET)),
            file.get(Layouts.LONG, METADATA_BYTES_OFFSET),
            file.get(Layouts.INT, METADATA_CRC_OFFSET));
    if (header.metadataBytes() < 0 || header.metadataBytes() > file.byteSize() - LENGTH) {
      throw new FaultException(
          FaultKind.TRUNCATED_INPUT,
          "the metadata take %d bytes, %d are left"
              .formatted(header.metadataBytes(), file.byteSize() - LENGTH));
    }
    RecordDescriptor.checksum(
        "metadata", file.asSlice(LENGTH, header.metadataBytes()), header.metadataCrc());
    return header;
  }

  private static void checkMagic(MemorySegment file) throws FaultException {
    long there = Math.min(file.byteSize(), Long.BYTES);
    byte[] magic = new byte[Long.BYTES];
    MemorySegment expected = MemorySegment.ofArray(magic);
    expected.set(Layouts.LONG, 0, MAGIC);
    if (file.asSlice(0, there).mismatch(expected.asSlice(0, there)) >= 0) {
      throw new FaultException(
          FaultKind.BAD_MAGIC, "no .varve file: it does not begin with 89 56 41 52 56 45 0d 0a");
    }
    if (file.byteSize() < LENGTH) {
      throw new FaultException(
          FaultKind.TRUNCATED_INPUT,
          "a file header takes %d bytes, there are %d".formatted(LENGTH, file.byteSize()));
    }
  }

  private static int unsigned(MemorySegment file, long at) {
    return Short.toUnsignedInt(file.get(Layouts.SHORT, at));
  }
}
