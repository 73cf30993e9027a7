package dev.varve.offload.tenancy;

import dev.varve.store.ChunkKey;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Chunks that were erased and are not gone yet: nobody finds them any more. Thread-safe. */
final class Doomed {

  private final Set<ChunkKey> keys = ConcurrentHashMap.newKeySet();

  boolean contains(ChunkKey key) {
    return !keys.isEmpty() && keys.contains(key);
  }

  void addAll(Collection<ChunkKey> more) {
    keys.addAll(more);
  }

  void removeAll(Collection<ChunkKey> gone) {
    gone.forEach(keys::remove);
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  List<ChunkKey> all() {
    return List.copyOf(keys);
  }
}
