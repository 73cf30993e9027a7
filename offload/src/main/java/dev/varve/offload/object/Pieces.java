package dev.varve.offload.object;

import dev.varve.offload.Placed;
import dev.varve.offload.tenancy.SealTerms;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Encoding;
import dev.varve.store.object.ObjectPieces;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pieces that are stored together or not at all: each is a chunk of one layer that hangs on the
 * piece before, so that a manifest leaves a tier before its extents. For one thread.
 */
final class Pieces implements AutoCloseable {

  private final ObjectParts parts;
  private final SealTerms terms;
  private final List<Chunk> chunks = new ArrayList<>();
  private final List<EncodedBlock> blocks = new ArrayList<>();
  private boolean stored;

  Pieces(ObjectParts parts, SealTerms terms) {
    this.parts = parts;
    this.terms = terms;
  }

  /**
   * Adds a piece.
   *
   * @param before the piece of the same object that it hangs on
   * @param place number of pieces before it
   * @param payload borrowed until {@link #store} returns
   */
  void add(ChunkKey key, Optional<ChunkKey> before, int place, MemorySegment payload) {
    ChainKey parent =
        before.map(ChunkKey::chain).orElseGet(() -> ChainKey.root(key.tenant(), key.fingerprint()));
    int pages = ObjectPieces.pages(Math.toIntExact(payload.byteSize()));
    ChunkSpan span = new ChunkSpan(parent, place * pages, pages, 1);
    Chunk chunk =
        parts
            .tenancy()
            .retention()
            .seal(key, parent, terms, () -> parts.catalog().claimOrAdd(new Chunk(key, span)));
    chunks.add(chunk);
    if (chunk.anywhere()) {
      throw new IllegalStateException(
          "a writer got a number that another one had: give the store random numbers");
    }
    blocks.add(EncodedBlock.seal(key.block(0, Encoding.RAW), span, payload));
  }

  /** Stores the pieces; what was retired makes room first if there is none. */
  Placed store() {
    Placed placed = parts.mover().put(chunks, blocks);
    if (placed != Placed.STORED && parts.retired().sweep() > 0) {
      placed = parts.mover().put(chunks, blocks);
    }
    stored = placed == Placed.STORED;
    return placed;
  }

  /** Hands the stored chunks, in order, to the caller with their claims. */
  List<Chunk> release() {
    List<Chunk> released = List.copyOf(chunks);
    chunks.clear();
    return released;
  }

  /** Ends the claims that were not handed over; what is not stored is forgotten. */
  @Override
  public void close() {
    chunks.forEach(Chunk::unclaim);
    if (!stored) {
      parts.mover().drop(chunks.stream().map(Chunk::key).toList());
    }
    chunks.clear();
  }
}
