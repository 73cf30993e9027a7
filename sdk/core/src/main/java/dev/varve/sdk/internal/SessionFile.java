package dev.varve.sdk.internal;

import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** A checked session file: the tokens, and the rows behind the last whole block. */
public final class SessionFile {

  private final ModelGeometry geometry;
  private final int[] tokenIds;
  private final int tailTokens;
  private final MemorySegment bytes;
  private final Optional<RowSource> privateRows;
  private final int parkedBlocks;
  private final ChainLineages lineages;

  /**
   * @param tokenIds kept
   * @param bytes the whole file, valid as long as this is used
   */
  SessionFile(
      ModelGeometry geometry,
      ChainLineages lineages,
      int[] tokenIds,
      int tailTokens,
      MemorySegment bytes) {
    this.geometry = geometry;
    this.lineages = lineages;
    this.tokenIds = tokenIds;
    this.tailTokens = tailTokens;
    this.bytes = bytes;
    this.privateRows = Optional.empty();
    this.parkedBlocks = 0;
  }

  /**
   * A session that forgot something.
   *
   * @param rows what it still holds
   * @param parkedBlocks blocks from the first on that it keeps stored
   */
  SessionFile(
      ModelGeometry geometry,
      Fingerprint lineage,
      int[] tokenIds,
      MemorySegment bytes,
      RowSource rows,
      int parkedBlocks) {
    this.geometry = geometry;
    this.lineages = ChainLineages.all(lineage);
    this.tokenIds = tokenIds;
    this.tailTokens = 0;
    this.bytes = bytes;
    this.privateRows = Optional.of(rows);
    this.parkedBlocks = parkedBlocks;
  }

  /** Private rows of a session that forgot something. */
  public Optional<RowSource> privateRows() {
    return privateRows;
  }

  /** Ids of all tokens. */
  public int[] tokenIds() {
    return tokenIds.clone();
  }

  /** Blocks, from the first on, that such a session parked. */
  public int parkedBlocks() {
    return parkedBlocks;
  }

  /** Identity under which its chunks are stored. */
  public Fingerprint lineage() {
    return lineages.lineage();
  }

  /** Identities of its chunks one after the other. */
  public ChainLineages lineages() {
    return lineages;
  }

  /** Tokens saved. */
  public int tokens() {
    return tokenIds.length;
  }

  /** Ids of the tokens in whole blocks. */
  public int[] sealedTokenIds() {
    return Arrays.copyOf(tokenIds, tokenIds.length - tailTokens);
  }

  /** Ids of the tokens behind them. */
  public int[] tailTokenIds() {
    return Arrays.copyOfRange(tokenIds, tokenIds.length - tailTokens, tokenIds.length);
  }

  /** Copies the saved rows of {@code layer} to the front of every head of {@code block}. */
  public void fill(MemorySegment block, int layer) {
    BlockGeometry target = geometry.block(layer);
    long at = rowsOffset(layer);
    long keys = tailTokens * target.keyRowBytes();
    for (int head = 0; head < target.kvHeads(); head++, at += keys) {
      MemorySegment.copy(bytes, at, block, target.keyOffset(head, 0), keys);
    }
    long values = tailTokens * SessionFileDescriptor.valueRowBytes(target);
    for (int head = 0; values > 0 && head < target.kvHeads(); head++, at += values) {
      MemorySegment.copy(bytes, at, block, target.valueOffset(head, 0), values);
    }
  }

  private long rowsOffset(int layer) {
    long at = SessionFileDescriptor.tailOffset(tokenIds.length);
    for (int before = 0; before < layer; before++) {
      if (geometry.shape().owns(before)) {
        at += SessionFileDescriptor.layerBytes(geometry.block(before), tailTokens);
      }
    }
    return at + SessionFileDescriptor.LAYER_HEADER_LENGTH;
  }
}
