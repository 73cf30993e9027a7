package dev.varve.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The bytes of a {@link BlockHeader} in a tier: {@link #HEADER_LENGTH} bytes, little-endian, except
 * for tenant and digests, which are byte strings in their big-endian form. Specified in {@code
 * docs/formats/block.md}; an offset never changes its meaning within a version.
 *
 * <pre>
 *    0       4     6     8                24                              56
 *    +-------+-----+-----+----------------+-------------------------------+
 *    | magic | ver | len | tenant         | fingerprint                   |
 *    +-------+-----+-----+------+---------+---------------------+---------+
 *   56 chain                    | 88 parent                     |
 *    +-------+-------+-------+--+----+-------+-------+-------+--+
 *  120 layer |layers |encod. | first |tokens |payload|payload|
 *    |       |       |       | token |       | bytes | CRC   |
 *    +-------+-------+-------+-------+-------+-------+-------+----+
 *  148 reserved, zero                               | 252 CRC of  |
 *    |                                              |  0 .. 251   |
 *    +----------------------------------------------+-------------+ 256
 * </pre>
 */
public final class BlockHeaderDescriptor {

  /** First four bytes: {@code VRVB}. */
  public static final int MAGIC = 0x42565256;

  /** Version written, and the newest that is read. */
  public static final int VERSION = 1;

  public static final int MAGIC_OFFSET = 0;
  public static final int VERSION_OFFSET = MAGIC_OFFSET + Integer.BYTES;
  public static final int LENGTH_OFFSET = VERSION_OFFSET + Short.BYTES;
  public static final int TENANT_OFFSET = LENGTH_OFFSET + Short.BYTES;
  public static final int FINGERPRINT_OFFSET = TENANT_OFFSET + Tenant.BYTES;
  public static final int CHAIN_OFFSET = FINGERPRINT_OFFSET + Digest256.BYTES;
  public static final int PARENT_OFFSET = CHAIN_OFFSET + Digest256.BYTES;
  public static final int LAYER_OFFSET = PARENT_OFFSET + Digest256.BYTES;
  public static final int LAYERS_OFFSET = LAYER_OFFSET + Integer.BYTES;
  public static final int ENCODING_OFFSET = LAYERS_OFFSET + Integer.BYTES;
  public static final int FIRST_TOKEN_OFFSET = ENCODING_OFFSET + Integer.BYTES;
  public static final int TOKENS_OFFSET = FIRST_TOKEN_OFFSET + Integer.BYTES;
  public static final int PAYLOAD_BYTES_OFFSET = TOKENS_OFFSET + Integer.BYTES;
  public static final int PAYLOAD_CRC_OFFSET = PAYLOAD_BYTES_OFFSET + Integer.BYTES;
  public static final int RESERVED_OFFSET = PAYLOAD_CRC_OFFSET + Integer.BYTES;

  /** Bytes of a header. */
  public static final int HEADER_LENGTH = 256;

  public static final int HEADER_CRC_OFFSET = HEADER_LENGTH - Integer.BYTES;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BlockHeaderDescriptor() {}

  /** Writes {@code header} as {@link #HEADER_LENGTH} bytes at {@code offset}. */
  public static void write(BlockHeader header, MemorySegment target, long offset) {
    MemorySegment bytes = target.asSlice(offset, HEADER_LENGTH);
    ChunkKey chunk = header.key().chunk();
    bytes.set(INT, MAGIC_OFFSET, MAGIC);
    bytes.set(SHORT, VERSION_OFFSET, (short) VERSION);
    bytes.set(SHORT, LENGTH_OFFSET, (short) HEADER_LENGTH);
    chunk.tenant().write(bytes, TENANT_OFFSET);
    chunk.fingerprint().digest().write(bytes, FINGERPRINT_OFFSET);
    chunk.chain().digest().write(bytes, CHAIN_OFFSET);
    header.parent().digest().write(bytes, PARENT_OFFSET);
    bytes.set(INT, LAYER_OFFSET, header.key().layer());
    bytes.set(INT, LAYERS_OFFSET, header.layers());
    bytes.set(INT, ENCODING_OFFSET, header.key().encoding().id());
    bytes.set(INT, FIRST_TOKEN_OFFSET, header.firstToken());
    bytes.set(INT, TOKENS_OFFSET, header.tokens());
    bytes.set(INT, PAYLOAD_BYTES_OFFSET, header.payloadBytes());
    bytes.set(INT, PAYLOAD_CRC_OFFSET, header.payloadCrc());
    bytes.asSlice(RESERVED_OFFSET, HEADER_CRC_OFFSET - RESERVED_OFFSET).fill((byte) 0);
    bytes.set(INT, HEADER_CRC_OFFSET, BlockChecksum.crc32c(bytes.asSlice(0, HEADER_CRC_OFFSET)));
  }

  /** Reads the header at {@code offset}; total, whatever the bytes are. */
  public static HeaderReading read(MemorySegment source, long offset) {
    long available = source.byteSize() - offset;
    if (offset < 0 || available < HEADER_LENGTH) {
      return refused("a header takes " + HEADER_LENGTH + " bytes, there are " + available);
    }
    MemorySegment bytes = source.asSlice(offset, HEADER_LENGTH);
    int magic = bytes.get(INT, MAGIC_OFFSET);
    if (magic != MAGIC) {
      return refused("bad magic 0x%08x, a header begins with 0x%08x".formatted(magic, MAGIC));
    }
    int version = Short.toUnsignedInt(bytes.get(SHORT, VERSION_OFFSET));
    if (version == 0 || version > VERSION) {
      return refused("header version " + version + ", this program reads up to " + VERSION);
    }
    int length = Short.toUnsignedInt(bytes.get(SHORT, LENGTH_OFFSET));
    if (length != HEADER_LENGTH) {
      return refused("impossible header length " + length + ", must be " + HEADER_LENGTH);
    }
    int stored = bytes.get(INT, HEADER_CRC_OFFSET);
    int computed = BlockChecksum.crc32c(bytes.asSlice(0, HEADER_CRC_OFFSET));
    if (stored != computed) {
      return refused("header CRC is 0x%08x, stored 0x%08x".formatted(computed, stored));
    }
    return readFields(bytes);
  }

  /** A matching CRC proves no good will: the records' own checks judge each field. */
  private static HeaderReading readFields(MemorySegment bytes) {
    int payloadBytes = bytes.get(INT, PAYLOAD_BYTES_OFFSET);
    if (payloadBytes > BlockGeometry.MAX_BYTES) {
      return refused("payload of " + payloadBytes + " bytes, limit " + BlockGeometry.MAX_BYTES);
    }
    try {
      ChunkKey chunk =
          new ChunkKey(
              Tenant.read(bytes, TENANT_OFFSET),
              new Fingerprint(Digest256.read(bytes, FINGERPRINT_OFFSET)),
              new ChainKey(Digest256.read(bytes, CHAIN_OFFSET)));
      Encoding encoding = Encoding.of(bytes.get(INT, ENCODING_OFFSET));
      return new HeaderReading.Sound(
          new BlockHeader(
              chunk.block(bytes.get(INT, LAYER_OFFSET), encoding),
              new ChainKey(Digest256.read(bytes, PARENT_OFFSET)),
              bytes.get(INT, FIRST_TOKEN_OFFSET),
              bytes.get(INT, TOKENS_OFFSET),
              bytes.get(INT, LAYERS_OFFSET),
              payloadBytes,
              bytes.get(INT, PAYLOAD_CRC_OFFSET)));
    } catch (IllegalArgumentException e) {
      return refused("impossible field: " + e.getMessage());
    }
  }

  private static HeaderReading refused(String reason) {
    return new HeaderReading.Refused(reason);
  }
}
