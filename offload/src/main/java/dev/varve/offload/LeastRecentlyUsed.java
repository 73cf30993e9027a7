package dev.varve.offload;

import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;

/** The chunks of a tier by age: the one that was touched longest ago leaves first. Thread-safe. */
final class LeastRecentlyUsed {

  private final LinkedHashMap<ChunkKey, Chunk> byAge = new LinkedHashMap<>(16, 0.75f, true);

  /** Notes that {@code chunk} was sealed or matched. */
  synchronized void touched(Chunk chunk) {
    byAge.put(chunk.key(), chunk);
  }

  /** Forgets {@code chunk}. */
  synchronized void removed(Chunk chunk) {
    byAge.remove(chunk.key(), chunk);
  }

  /** Offers chunks, oldest first, until {@code enough} says true or none is left. */
  void victims(Predicate<Chunk> enough) {
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
