package dev.varve.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Names one stored block: a chunk, a layer of it, and the encoding of its bytes.
 *
 * <p>Tiers index blocks by {@link #INDEX_BYTES} bytes, big-endian, so that the blocks of a tenant,
 * of a model and of a chunk are neighbours:
 *
 * <pre>
 *  0               16              32              48      50        52
 *  +---------------+---------------+---------------+-------+---------+
 *  | tenant        | fingerprint / | chain / first | layer | encoding|
 *  |               | first 128 bit | 128 bit       |       |         |
 *  +---------------+---------------+---------------+-------+---------+
 * </pre>
 *
 * The bits that are cut off here stand in the {@link BlockHeader} and are compared on every read.
 */
public record BlockKey(ChunkKey chunk, int layer, Encoding encoding) {

  /** Length of the index form. */
  public static final int INDEX_BYTES = 52;

  private static final int TENANT_OFFSET = 0;
  private static final int FINGERPRINT_OFFSET = TENANT_OFFSET + Tenant.BYTES;
  private static final int CHAIN_OFFSET = FINGERPRINT_OFFSET + 16;
  private static final int LAYER_OFFSET = CHAIN_OFFSET + 16;
  private static final int ENCODING_OFFSET = LAYER_OFFSET + Short.BYTES;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  public BlockKey {
    Checks.inRange(layer, 0, ModelShape.MAX_LAYERS - 1, "layer");
  }

  /** Writes the index form at {@code offset}. */
  public void writeIndexForm(MemorySegment target, long offset) {
    chunk.tenant().write(target, offset + TENANT_OFFSET);
    chunk.fingerprint().digest().writePrefix(target, offset + FINGERPRINT_OFFSET);
    chunk.chain().digest().writePrefix(target, offset + CHAIN_OFFSET);
    target.set(SHORT, offset + LAYER_OFFSET, (short) layer);
    target.set(SHORT, offset + ENCODING_OFFSET, (short) encoding.id());
  }

  @Override
  public String toString() {
    return "block " + chunk.chain() + " layer " + layer + " " + encoding;
  }
}
