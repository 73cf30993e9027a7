package dev.varve.offload.tenancy;

import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Chunks that are being stored, and all that they continue. For one thread. */
final class SparedChunks {

  private final ChunkCatalog catalog;
  private final Set<ChunkKey> keys = new HashSet<>();

  SparedChunks(ChunkCatalog catalog) {
    this.catalog = catalog;
  }

  void add(Chunk chunk) {
    @Nullable Chunk at = chunk;
    while (at != null && keys.add(at.key())) {
      at =
          at.span().firstToken() == 0
              ? null
              : catalog.peek(QuotaRows.parentKey(at.key(), at.span().parent()));
    }
  }

  Set<ChunkKey> keys() {
    return keys;
  }
}
