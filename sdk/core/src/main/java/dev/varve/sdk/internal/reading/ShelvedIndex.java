package dev.varve.sdk.internal.reading;

import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.TokenIndex;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ChunkKey;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The index of one layer of one context on the {@link IndexShelf}. Its lock guards everything but
 * what the shelf counts, which the shelf guards.
 */
final class ShelvedIndex {

  private static final int[] NO_IDS = {};

  final ReentrantLock lock = new ReentrantLock();
  private final BlockGeometry geometry;
  private final TokenIndex index;
  private final NearKeys near;
  private int blocks;

  /** Guarded by the shelf. */
  List<ChunkKey> chunks;

  /** Guarded by the shelf. */
  long bytes;

  /** Guarded by the shelf: requests that work with it. */
  int users;

  /** Guarded by the shelf: nobody is to find it any more. */
  boolean doomed;

  ShelvedIndex(TokenIndex index, BlockGeometry geometry, List<ChunkKey> chunks) {
    this.index = index;
    this.geometry = geometry;
    this.near = new NearKeys(geometry);
    this.chunks = chunks;
  }

  TokenIndex index() {
    return index;
  }

  /** Blocks whose keys it has. */
  int blocks() {
    return blocks;
  }

  /** Bytes that another block takes at least. */
  long nextBytes() {
    return index.borrowsKeys() ? geometry.keyBytes() : 0;
  }

  /** Adds the keys of the next block. */
  void append(MemorySegment block) {
    KeySpan keys =
        index.borrowsKeys() ? near.add(block) : KeySpan.of(block, geometry, geometry.tokens());
    index.append(keys, NO_IDS);
    blocks++;
  }

  /** Bytes of the index and of the keys that it holds near. */
  long size() {
    return index.bytes() + near.bytes();
  }
}
