package dev.varve.sdk.internal.far;

import dev.varve.sdk.internal.CacheParts;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that somebody named, claimed until this is closed, in token order. What is not stored for
 * this model, or must not be found any more, is missing. For one thread.
 */
public final class ClaimedChunks implements AutoCloseable {

  private final List<Chunk> chunks = new ArrayList<>();
  private final List<ChunkKey> missing = new ArrayList<>();

  private ClaimedChunks() {}

  /** Claims what is there of {@code keys}. */
  public static ClaimedChunks of(CacheParts parts, List<ChunkKey> keys) {
    ClaimedChunks claimed = new ClaimedChunks();
    for (ChunkKey key : keys) {
      @Nullable Chunk chunk = find(parts, key);
      if (chunk == null) {
        claimed.missing.add(key);
      } else {
        claimed.chunks.add(chunk);
      }
    }
    claimed.chunks.sort(Comparator.comparingInt(Chunk::firstToken));
    return claimed;
  }

  /** Whether anybody may still find it. */
  public static boolean stored(CacheParts parts, ChunkKey key) {
    @Nullable Chunk chunk = find(parts, key);
    if (chunk != null) {
      chunk.unclaim();
    }
    return chunk != null;
  }

  private static @Nullable Chunk find(CacheParts parts, ChunkKey key) {
    boolean ours = key.fingerprint().sameModel(parts.fingerprint());
    return ours && !parts.tenancy().retention().hidden(key)
        ? parts.tiers().catalog().claim(key)
        : null;
  }

  /** What was found, by its first token. */
  public List<Chunk> chunks() {
    return chunks;
  }

  /** What was not. */
  public List<ChunkKey> missing() {
    return missing;
  }

  @Override
  public void close() {
    chunks.forEach(Chunk::unclaim);
    chunks.clear();
  }
}
