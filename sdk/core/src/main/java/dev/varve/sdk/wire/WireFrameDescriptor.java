package dev.varve.sdk.wire;

import dev.varve.store.BlockChecksum;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The bytes of a frame's header; the payload follows without a gap. Little-endian. An offset never
 * changes its meaning within a version.
 *
 * <pre>
 *   0       4     5      6          8       12            16       20        24        28       32
 *   +-------+-----+------+----------+-------+-------------+--------+---------+---------+--------+
 *   | magic | ver | kind | encoding | layer | first token | tokens | payload | payload | CRC of |
 *   | VRVW  |  1  |      |          |       |             |        |  bytes  |   CRC   | 0 - 27 |
 *   +-------+-----+------+----------+-------+-------------+--------+---------+---------+--------+
 * </pre>
 */
public final class WireFrameDescriptor {

  /** First four bytes: {@code VRVW}. */
  static final int MAGIC = 0x57565256;

  static final int VERSION = 1;

  /** Bytes of a header. */
  public static final int HEADER_BYTES = 32;

  /** Longest payload. */
  public static final int MAX_PAYLOAD_BYTES = 1 << 30;

  private static final int VERSION_OFFSET = 4;
  private static final int KIND_OFFSET = 5;
  private static final int ENCODING_OFFSET = 6;
  private static final int LAYER_OFFSET = 8;
  private static final int FIRST_TOKEN_OFFSET = 12;
  private static final int TOKENS_OFFSET = 16;
  private static final int PAYLOAD_BYTES_OFFSET = 20;
  private static final int PAYLOAD_CHECKSUM_OFFSET = 24;
  private static final int CHECKSUM_OFFSET = 28;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private WireFrameDescriptor() {}

  /** Writes a header to the front of {@code target}. */
  public static void write(WireFrame frame, MemorySegment target) {
    target.set(INT, 0, MAGIC);
    target.set(BYTE, VERSION_OFFSET, (byte) VERSION);
    target.set(BYTE, KIND_OFFSET, (byte) number(frame.kind()));
    target.set(SHORT, ENCODING_OFFSET, (short) frame.encoding().id());
    target.set(INT, LAYER_OFFSET, frame.layer());
    target.set(INT, FIRST_TOKEN_OFFSET, frame.firstToken());
    target.set(INT, TOKENS_OFFSET, frame.tokens());
    target.set(INT, PAYLOAD_BYTES_OFFSET, frame.payloadBytes());
    target.set(INT, PAYLOAD_CHECKSUM_OFFSET, frame.payloadChecksum());
    target.set(INT, CHECKSUM_OFFSET, checksum(target));
  }

  /** Reads the header at the front of {@code source}, which may be anything. */
  public static WireFrameReading read(MemorySegment source) {
    if (source.byteSize() < HEADER_BYTES) {
      return refused("a frame begins with %d bytes: %d".formatted(HEADER_BYTES, source.byteSize()));
    }
    if (source.get(INT, 0) != MAGIC) {
      return refused("no frame begins with 0x%08x".formatted(source.get(INT, 0)));
    }
    if (source.get(BYTE, VERSION_OFFSET) != VERSION) {
      return refused(
          "frames of version %d are not known, %d is"
              .formatted(source.get(BYTE, VERSION_OFFSET), VERSION));
    }
    int stored = source.get(INT, CHECKSUM_OFFSET);
    if (stored != checksum(source)) {
      return refused("header CRC is 0x%08x, stored 0x%08x".formatted(checksum(source), stored));
    }
    return fields(source);
  }

  /** A matching CRC proves no good will: each field is judged. */
  private static WireFrameReading fields(MemorySegment source) {
    int kind = source.get(BYTE, KIND_OFFSET);
    int encoding = source.get(SHORT, ENCODING_OFFSET) & 0xffff;
    if (kind != 1 && kind != 2) {
      return refused("a frame of kind %d is not known, 1 and 2 are".formatted(kind));
    }
    try {
      return new WireFrameReading.Sound(
          new WireFrame(
              kind == 1 ? WireFrame.Kind.BLOCK : WireFrame.Kind.TEXT,
              Encoding.of(encoding),
              source.get(INT, LAYER_OFFSET),
              source.get(INT, FIRST_TOKEN_OFFSET),
              source.get(INT, TOKENS_OFFSET),
              source.get(INT, PAYLOAD_BYTES_OFFSET),
              source.get(INT, PAYLOAD_CHECKSUM_OFFSET)));
    } catch (IllegalArgumentException e) {
      return refused(String.valueOf(e.getMessage()));
    }
  }

  private static WireFrameReading refused(String reason) {
    return new WireFrameReading.Refused(reason);
  }

  private static int number(WireFrame.Kind kind) {
    return kind == WireFrame.Kind.BLOCK ? 1 : 2;
  }

  private static int checksum(MemorySegment header) {
    return BlockChecksum.crc32c(header.asSlice(0, CHECKSUM_OFFSET));
  }
}
