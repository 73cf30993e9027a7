package dev.varve.sdk.internal;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Digest256;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The bytes of a saved session, little-endian except for tenant and digests, which are byte strings
 * in their big-endian form; an offset never changes its meaning within a version.
 *
 * <pre>
 *    0       4     6     8         24              56                   88
 *    +-------+-----+-----+---------+---------------+--------------------+
 *    | magic | ver | len | tenant  | fingerprint   | key of last chunk  |
 *    +-------+-----+-+---+-----+---+-----+---------+---+----------------+
 *   88 block |tokens |tail     |tail     |file         | 112 reserved,  |
 *    | tokens|       |tokens   |layers   |bytes, 64 bit|  zero  |124 CRC|
 *    +-------+-------+---------+---------+-------------+--------+-------+ 128
 *    | token ids, 32 bit each                                           |
 *    +------------------------------------------------------------------+
 *    | for each layer that stores blocks, if there are tail tokens:     |
 *    |   layer | heads | key row bytes | value row bytes  (32 bit each) |
 *    |   keys   [heads][tail tokens][key row bytes]                     |
 *    |   values [heads][tail tokens][value row bytes]                   |
 *    +------------------------------------------------------------------+
 *    | CRC32C of all before                                             |
 *    +------------------------------------------------------------------+
 * </pre>
 *
 * The CRC at 124 is of bytes 0 to 123. Tail tokens are those behind the last whole block; a value
 * row has no bytes where values are a prefix of the keys. The key of the last chunk is the root of
 * the chain if no block is whole. This is version 1; version 2 is that of a session which forgot
 * something, version 3 that of one which read a choice of its tokens.
 */
final class SessionFileDescriptor {

  /** First four bytes: {@code VRVS}. */
  static final int MAGIC = 0x53565256;

  /** Version of a session that forgot nothing. */
  static final int VERSION = 1;

  /**
   * Version of one that did: no tail; behind the token ids {@link PrivateSectionDescriptor}, and at
   * offset 112 the number of blocks that are parked.
   */
  static final int PRIVATE_VERSION = 2;

  /**
   * Version of a session that read a choice of its tokens: the body of {@link #VERSION}, at offset
   * 112 the number of blocks before the first that was computed so, at 116 the code of the choice.
   */
  static final int READING_VERSION = 3;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = MAGIC_OFFSET + Integer.BYTES;
  static final int LENGTH_OFFSET = VERSION_OFFSET + Short.BYTES;
  static final int TENANT_OFFSET = LENGTH_OFFSET + Short.BYTES;
  static final int FINGERPRINT_OFFSET = TENANT_OFFSET + Tenant.BYTES;
  static final int CHAIN_OFFSET = FINGERPRINT_OFFSET + Digest256.BYTES;
  static final int BLOCK_TOKENS_OFFSET = CHAIN_OFFSET + Digest256.BYTES;
  static final int TOKENS_OFFSET = BLOCK_TOKENS_OFFSET + Integer.BYTES;
  static final int TAIL_TOKENS_OFFSET = TOKENS_OFFSET + Integer.BYTES;
  static final int TAIL_LAYERS_OFFSET = TAIL_TOKENS_OFFSET + Integer.BYTES;
  static final int FILE_BYTES_OFFSET = TAIL_LAYERS_OFFSET + Integer.BYTES;
  static final int PARKED_OFFSET = FILE_BYTES_OFFSET + Long.BYTES;
  static final int EXACT_BLOCKS_OFFSET = PARKED_OFFSET;
  static final int READING_CODE_OFFSET = EXACT_BLOCKS_OFFSET + Integer.BYTES;

  /** Bytes in front of the token ids. */
  static final int HEADER_LENGTH = 128;

  static final int HEADER_CRC_OFFSET = HEADER_LENGTH - Integer.BYTES;

  static final int LAYER_OFFSET = 0;
  static final int HEADS_OFFSET = LAYER_OFFSET + Integer.BYTES;
  static final int KEY_ROW_OFFSET = HEADS_OFFSET + Integer.BYTES;
  static final int VALUE_ROW_OFFSET = KEY_ROW_OFFSET + Integer.BYTES;

  /** Bytes in front of a layer's rows. */
  static final int LAYER_HEADER_LENGTH = VALUE_ROW_OFFSET + Integer.BYTES;

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private SessionFileDescriptor() {}

  /** Where the tail begins in a file of {@code tokens} tokens. */
  static long tailOffset(int tokens) {
    return HEADER_LENGTH + (long) tokens * Integer.BYTES;
  }

  /** Bytes of a file of {@code tokens} tokens of which {@code tailTokens} fill no block. */
  static long fileBytes(ModelGeometry geometry, int tokens, int tailTokens) {
    long bytes = tailOffset(tokens) + Integer.BYTES;
    for (int layer = 0; tailTokens > 0 && layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        bytes += layerBytes(geometry.block(layer), tailTokens);
      }
    }
    return bytes;
  }

  /** Bytes of one layer of the tail with its header. */
  static long layerBytes(BlockGeometry block, int tailTokens) {
    long row = block.keyRowBytes() + valueRowBytes(block);
    return LAYER_HEADER_LENGTH + (long) block.kvHeads() * tailTokens * row;
  }

  /** Bytes of a stored value row: none where values are a prefix of the keys. */
  static long valueRowBytes(BlockGeometry block) {
    return block.valueIsPrefixOfKey() ? 0 : block.valueRowBytes();
  }
}
