package dev.varve.store;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every chunk that some tier holds, and where its blocks are: the truth for HOT, HOST and SSD.
 * Thread-safe.
 */
public final class ChunkCatalog {

  private final ConcurrentHashMap<ChunkKey, Chunk> chunks = new ConcurrentHashMap<>();

  /** The chunk with this key, claimed for the caller, or null. */
  public @Nullable Chunk claim(ChunkKey key) {
    Chunk chunk = chunks.get(key);
    return chunk != null && chunk.claim() ? chunk : null;
  }

  /** The chunk with this key without a claim: what it says may be past a moment later. */
  public @Nullable Chunk peek(ChunkKey key) {
    return chunks.get(key);
  }

  /** Enters {@code fresh}, or finds the chunk that was entered before; claimed for the caller. */
  public Chunk claimOrAdd(Chunk fresh) {
    return chunks.compute(
        fresh.key(), (key, old) -> old != null && old.claim() ? old : claimed(fresh));
  }

  /** Notes a block found in a tier below HOT, entering its chunk if need be. */
  public void found(BlockHeader header, Tier tier) {
    BlockKey key = header.key();
    ChunkSpan span =
        new ChunkSpan(header.parent(), header.firstToken(), header.tokens(), header.layers());
    Chunk chunk = claimOrAdd(new Chunk(key.chunk(), span));
    if (key.layer() < chunk.layers()) {
      chunk.place(key.layer(), tier);
    }
    chunk.unclaim();
  }

  /**
   * Lets go of {@code chunk} unless somebody claims it. From then on nobody finds or claims it, and
   * the caller drops what the tiers still hold of it.
   */
  public boolean forget(Chunk chunk) {
    boolean[] gone = {false};
    chunks.computeIfPresent(
        chunk.key(),
        (key, entered) -> {
          gone[0] = entered == chunk && chunk.retire();
          return gone[0] ? null : entered;
        });
    return gone[0];
  }

  /** Shows every chunk, in no particular order. */
  public void forEach(Consumer<Chunk> consumer) {
    chunks.values().forEach(consumer);
  }

  /** Chunks entered now. */
  public int size() {
    return chunks.size();
  }

  private static Chunk claimed(Chunk fresh) {
    if (!fresh.claim()) {
      throw new IllegalStateException(fresh + " was retired before it was entered");
    }
    return fresh;
  }
}
