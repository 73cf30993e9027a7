package dev.varve.offload;

import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Predicate;

/**
 * The hot chunks by age: the one that was touched longest ago leaves first. A chunk without a hot
 * block stays while it is claimed, for it may be about to get one, and is passed over and dropped
 * after that. Thread-safe.
 */
final class LeastRecentlyUsed {

  private final LinkedHashMap<ChunkKey, Chunk> byAge = new LinkedHashMap<>(16, 0.75f, true);

  /** Notes that {@code chunk} was sealed or matched; claimed by the caller. */
  synchronized void touched(Chunk chunk) {
    byAge.put(chunk.key(), chunk);
  }

  /** Forgets {@code chunk}, unless it has come to life again. */
  synchronized void removed(Chunk chunk) {
    byAge.computeIfPresent(chunk.key(), (key, held) -> mayLeave(held) ? null : held);
  }

  /** Offers chunks, oldest first, until {@code enough} says true or none is left. */
  synchronized void victims(Predicate<Chunk> enough) {
    Iterator<Chunk> chunks = byAge.values().iterator();
    while (chunks.hasNext()) {
      Chunk chunk = chunks.next();
      if (mayLeave(chunk)) {
        chunks.remove();
      } else if (enough.test(chunk)) {
        return;
      }
    }
  }

  /** Chunks noted now. */
  synchronized int size() {
    return byAge.size();
  }

  private static boolean mayLeave(Chunk chunk) {
    return chunk.retired() || (!chunk.claimed() && !hot(chunk));
  }

  private static boolean hot(Chunk chunk) {
    for (int layer = 0; layer < chunk.layers(); layer++) {
      if (chunk.hotHandle(layer) != Chunk.NOT_HOT) {
        return true;
      }
    }
    return false;
  }
}
