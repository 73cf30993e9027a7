package dev.varve.sdk.internal;

import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelGeometry;

/**
 * The private rows of a saved session that forgot something, behind its token ids; little-endian.
 *
 * <pre>
 *    for each layer that stores blocks:
 *    0       4       8               12                16     20         24
 *    +-------+-------+---------------+-----------------+------+----------+
 *    | layer | heads | key row bytes | value row bytes | from | sums     |
 *    +-------+-------+---------------+-----------------+------+----------+
 *      for each KV head:
 *      | rows | merged: 0 or 1            (32 bit each)                   |
 *      | positions [rows], 32 bit each, ascending                         |
 *      | if merged is 1:  first positions [rows], 32 bit each             |
 *      |                  weights [rows], 32-bit floats above 0           |
 *      | attention [sums][rows], 32-bit floats, 0 or more                 |
 *      | keys   [rows][key row bytes]                                     |
 *      | values [rows][value row bytes]                                   |
 *    +-------------------------------------------------------------------+
 * </pre>
 *
 * A row stands for the tokens from its first position to its position; without first positions for
 * one token. Sums of attention are kept for each query head of a group, or for none. A value row
 * has no bytes where values are a prefix of the keys. Below position {@code from} a layer has no
 * rows though nothing was chosen: its window had passed them.
 */
final class PrivateSectionDescriptor {

  static final int FROM_OFFSET = SessionFileDescriptor.LAYER_HEADER_LENGTH;
  static final int SUMS_OFFSET = FROM_OFFSET + Integer.BYTES;

  /** Bytes in front of a layer's heads. */
  static final int LAYER_LENGTH = SUMS_OFFSET + Integer.BYTES;

  static final int ROWS_OFFSET = 0;
  static final int MERGED_OFFSET = ROWS_OFFSET + Integer.BYTES;

  /** Bytes in front of a head's positions. */
  static final int HEAD_LENGTH = MERGED_OFFSET + Integer.BYTES;

  private PrivateSectionDescriptor() {}

  /** Bytes of one head with its header. */
  static long headBytes(BlockGeometry block, long rows, boolean merged, int sums) {
    long row = block.keyRowBytes() + SessionFileDescriptor.valueRowBytes(block);
    return HEAD_LENGTH
        + rows
            * (Integer.BYTES + (merged ? 2L * Integer.BYTES : 0) + (long) sums * Float.BYTES + row);
  }

  /** Bytes of the section of {@code rows}. */
  static long bytes(ModelGeometry geometry, RowSource rows) {
    long bytes = 0;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        BlockGeometry block = geometry.block(layer);
        bytes += LAYER_LENGTH;
        for (int head = 0; head < block.kvHeads(); head++) {
          bytes +=
              headBytes(block, rows.rows(layer, head), rows.merged(layer, head), rows.sums(layer));
        }
      }
    }
    return bytes;
  }

  /** Most bytes that a section of a session of {@code tokens} tokens may take. */
  static long mostBytes(ModelGeometry geometry, int tokens) {
    long bytes = 0;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        BlockGeometry block = geometry.block(layer);
        bytes +=
            LAYER_LENGTH
                + block.kvHeads()
                    * headBytes(block, tokens, true, geometry.shape().layers().get(layer).group());
      }
    }
    return bytes;
  }
}
