package dev.varve.compression;

import dev.varve.compression.DecodeResult.Cause;
import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The bytes of an encoded payload: a header of {@link #HEADER_LENGTH} bytes, the key section, the
 * value section, each section padded with zeros to a multiple of 64. Little-endian. Specified in
 * {@code docs/formats/encodings.md}; an offset never changes its meaning within a version.
 *
 * <pre>
 *   0       4     6     8       10      11    12     14      16       18
 *   +-------+-----+-----+-------+-------+-----+------+-------+--------+---------+
 *   | magic | ver | len |encod. | dtype |  0  |tokens|kvHeads| keyDim |valueDim |
 *   +-------+-----+-----+-------+-------+-----+------+-------+--------+---------+
 *  20 exact keys  | 24 exact values | 28        | 32    | 36         | 40        |
 *   | first,newest|   first,newest  | key bytes |key CRC| value bytes| value CRC |
 *   +-------------+-----------------+-----------+-------+------------+-----------+
 *  44 position    | 48 reserved, zero           | 60 CRC of 0 .. 59
 *   +-------------+-----------------------------+--------------------------------+ 64
 * </pre>
 */
final class FrameDescriptor {
  /** First four bytes: {@code VRVE}. */
  static final int MAGIC = 0x45565256;

  /** Version written, and the newest that is read. */
  static final int VERSION = 1;

  /** Bytes of a header; sections begin at multiples of it. */
  static final int HEADER_LENGTH = BlockGeometry.ALIGNMENT;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 4;
  static final int LENGTH_OFFSET = 6;
  static final int ENCODING_OFFSET = 8;
  static final int DTYPE_OFFSET = 10;
  static final int TOKENS_OFFSET = 12;
  static final int KV_HEADS_OFFSET = 14;
  static final int KEY_DIM_OFFSET = 16;
  static final int VALUE_DIM_OFFSET = 18;
  static final int EXACT_KEYS_OFFSET = 20;
  static final int EXACT_VALUES_OFFSET = 24;
  static final int KEY_BYTES_OFFSET = 28;
  static final int KEY_CRC_OFFSET = 32;
  static final int VALUE_BYTES_OFFSET = 36;
  static final int VALUE_CRC_OFFSET = 40;
  static final int POSITION_OFFSET = 44;
  static final int HEADER_CRC_OFFSET = HEADER_LENGTH - Integer.BYTES;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private FrameDescriptor() {}

  /** {@code bytes} rounded up to the alignment of sections. */
  static long padded(long bytes) {
    return (bytes + HEADER_LENGTH - 1) & -HEADER_LENGTH;
  }

  /** Writes {@code header} to the front of {@code target}. */
  static void write(FrameHeader header, MemorySegment target) {
    MemorySegment bytes = target.asSlice(0, HEADER_LENGTH);
    bytes.fill((byte) 0);
    bytes.set(INT, MAGIC_OFFSET, MAGIC);
    bytes.set(SHORT, VERSION_OFFSET, (short) VERSION);
    bytes.set(SHORT, LENGTH_OFFSET, (short) HEADER_LENGTH);
    bytes.set(SHORT, ENCODING_OFFSET, (short) header.encoding().id());
    bytes.set(BYTE, DTYPE_OFFSET, (byte) header.dtype());
    bytes.set(SHORT, TOKENS_OFFSET, (short) header.tokens());
    bytes.set(SHORT, KV_HEADS_OFFSET, (short) header.kvHeads());
    bytes.set(SHORT, KEY_DIM_OFFSET, (short) header.keyDim());
    bytes.set(SHORT, VALUE_DIM_OFFSET, (short) header.valueDim());
    writeExact(header.keys().exact(), bytes, EXACT_KEYS_OFFSET);
    writeExact(header.values().exact(), bytes, EXACT_VALUES_OFFSET);
    bytes.set(INT, KEY_BYTES_OFFSET, header.keys().bytes());
    bytes.set(INT, KEY_CRC_OFFSET, header.keys().crc());
    bytes.set(INT, VALUE_BYTES_OFFSET, header.values().bytes());
    bytes.set(INT, VALUE_CRC_OFFSET, header.values().crc());
    bytes.set(INT, POSITION_OFFSET, header.position());
    bytes.set(INT, HEADER_CRC_OFFSET, BlockChecksum.crc32c(bytes.asSlice(0, HEADER_CRC_OFFSET)));
  }

  /** Reads the header of {@code payload}; total, whatever the bytes are. */
  static FrameReading read(MemorySegment payload) {
    if (payload.byteSize() < HEADER_LENGTH) {
      return refused(
          Cause.BAD_LENGTH,
          "a frame header takes " + HEADER_LENGTH + " bytes, there are " + payload.byteSize());
    }
    int magic = payload.get(INT, MAGIC_OFFSET);
    if (magic != MAGIC) {
      return refused(
          Cause.BAD_MAGIC, "bad magic 0x%08x, a frame begins with 0x%08x".formatted(magic, MAGIC));
    }
    int version = unsigned(payload, VERSION_OFFSET);
    int length = unsigned(payload, LENGTH_OFFSET);
    if (version != VERSION || length != HEADER_LENGTH) {
      return refused(
          Cause.UNSUPPORTED_VERSION,
          "frame version %d with a header of %d bytes, this program reads version %d with %d"
              .formatted(version, length, VERSION, HEADER_LENGTH));
    }
    int stored = payload.get(INT, HEADER_CRC_OFFSET);
    int computed = BlockChecksum.crc32c(payload.asSlice(0, HEADER_CRC_OFFSET));
    if (stored != computed) {
      return refused(
          Cause.CHECKSUM_MISMATCH,
          "frame header CRC is 0x%08x, stored 0x%08x".formatted(computed, stored));
    }
    return readFields(payload);
  }

  /** A matching CRC proves no good will: each field is judged. */
  private static FrameReading readFields(MemorySegment payload) {
    int keyBytes = payload.get(INT, KEY_BYTES_OFFSET);
    int valueBytes = payload.get(INT, VALUE_BYTES_OFFSET);
    int position = payload.get(INT, POSITION_OFFSET);
    if (keyBytes < 0 || valueBytes < 0 || position < 0) {
      return refused(
          Cause.CORRUPT,
          "negative key bytes %d, value bytes %d or position %d"
              .formatted(keyBytes, valueBytes, position));
    }
    FrameHeader header =
        new FrameHeader(
            Encoding.of(unsigned(payload, ENCODING_OFFSET)),
            Byte.toUnsignedInt(payload.get(BYTE, DTYPE_OFFSET)),
            unsigned(payload, TOKENS_OFFSET),
            position,
            unsigned(payload, KV_HEADS_OFFSET),
            unsigned(payload, KEY_DIM_OFFSET),
            unsigned(payload, VALUE_DIM_OFFSET),
            part(payload, EXACT_KEYS_OFFSET, keyBytes, KEY_CRC_OFFSET),
            part(payload, EXACT_VALUES_OFFSET, valueBytes, VALUE_CRC_OFFSET));
    if (header.payloadBytes() != payload.byteSize()) {
      return refused(
          Cause.BAD_LENGTH,
          "the frame describes %d bytes, there are %d"
              .formatted(header.payloadBytes(), payload.byteSize()));
    }
    return new FrameReading.Sound(header);
  }

  private static FrameHeader.Part part(MemorySegment payload, int exact, int bytes, int crc) {
    return new FrameHeader.Part(
        new ExactTokens(unsigned(payload, exact), unsigned(payload, exact + Short.BYTES)),
        bytes,
        payload.get(INT, crc));
  }

  private static void writeExact(ExactTokens exact, MemorySegment bytes, int offset) {
    bytes.set(SHORT, offset, (short) exact.first());
    bytes.set(SHORT, offset + Short.BYTES, (short) exact.newest());
  }

  private static int unsigned(MemorySegment bytes, int offset) {
    return Short.toUnsignedInt(bytes.get(SHORT, offset));
  }

  private static FrameReading refused(Cause cause, String reason) {
    return new FrameReading.Refused(new DecodeResult.Refused(cause, reason));
  }
}
