package dev.varve.offload;

import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;

/** The chunk that was touched longest ago goes first. */
public final class LeastRecentlyUsed implements ReplacementPolicy {

  private final LinkedHashMap<ChunkKey, Chunk> byAge = new LinkedHashMap<>(16, 0.75f, true);

  @Override
  public synchronized void touched(Chunk chunk) {
    byAge.put(chunk.key(), chunk);
  }

  @Override
  public synchronized void removed(Chunk chunk) {
    byAge.remove(chunk.key(), chunk);
  }

  @Override
  public void victims(Predicate<Chunk> enough) {
    for (Chunk chunk : snapshot()) {
      if (enough.test(chunk)) {
        return;
      }
    }
  }

  private synchronized List<Chunk> snapshot() {
    return new ArrayList<>(byAge.values());
  }
}
