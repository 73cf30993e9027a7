package dev.varve.sdk;

import dev.varve.sdk.internal.SessionState;
import dev.varve.sdk.internal.memory.Compaction;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelGeometry;

/**
 * What one session holds. A row is one token of one KV head of one layer.
 *
 * @param tokens committed tokens
 * @param rows rows that a next step can read
 * @param rowBytes bytes of their keys and values
 * @param fullBytes bytes of the keys and values of all tokens
 * @param forgot whether the rows are private because some were forgotten
 * @param ownBytes hot memory that belongs to this session alone: private rows or the growing block
 * @param parkedTokens tokens in chunks that are no longer read and stay stored for this session
 * @param parkedBytes bytes of these chunks
 */
public record SessionUsage(
    int tokens,
    long rows,
    long rowBytes,
    long fullBytes,
    boolean forgot,
    long ownBytes,
    int parkedTokens,
    long parkedBytes) {

  static SessionUsage of(ModelGeometry geometry, long slotBytes, SessionState state) {
    int parked = state.parked().size();
    return new SessionUsage(
        state.length(),
        Compaction.rows(geometry, state.rows()),
        Compaction.bytes(geometry, state.rows()),
        state.length() * tokenBytes(geometry),
        state.own() != null,
        state.ownSlots() * slotBytes,
        parked * geometry.blockTokens(),
        parked * chunkBytes(geometry));
  }

  /** Bytes of the keys and values of one token in all layers. */
  static long tokenBytes(ModelGeometry geometry) {
    long bytes = 0;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      BlockGeometry block = geometry.block(layer);
      long row = block.keyRowBytes() + (block.valueIsPrefixOfKey() ? 0 : block.valueRowBytes());
      bytes += geometry.shape().owns(layer) ? block.kvHeads() * row : 0;
    }
    return bytes;
  }

  /** Bytes of the blocks of one chunk. */
  static long chunkBytes(ModelGeometry geometry) {
    long bytes = 0;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      bytes += geometry.shape().owns(layer) ? geometry.block(layer).bytes() : 0;
    }
    return bytes;
  }
}
