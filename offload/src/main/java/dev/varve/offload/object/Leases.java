package dev.varve.offload.object;

import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.object.ObjectLease;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Claims objects for who wants to read them: all of an object or nothing. Thread-safe. */
final class Leases {

  private final ObjectParts parts;
  private final PieceReader reader;

  Leases(ObjectParts parts) {
    this.parts = parts;
    this.reader = new PieceReader(parts);
  }

  /** See {@link dev.varve.store.object.ObjectSpace#lease}. */
  Optional<ObjectLease> take(ObjectName name) {
    for (Optional<ObjectManifest> seen = parts.live(name); seen.isPresent(); ) {
      ObjectManifest manifest = seen.get();
      List<Chunk> claimed = new ArrayList<>(manifest.extents().size());
      if (claim(parts, manifest, claimed)) {
        used(manifest, claimed);
        parts.counters().leases.increment();
        return Optional.of(new Claim(parts, reader, manifest, claimed));
      }
      claimed.forEach(Chunk::unclaim);
      seen = parts.live(name);
      if (seen.filter(now -> now.version() == manifest.version()).isPresent()) {
        parts.lost(manifest);
        seen = Optional.empty();
      }
    }
    parts.counters().misses.increment();
    return Optional.empty();
  }

  /** Claims the extents of an object; false if one is missing. The caller ends the claims. */
  static boolean claim(ObjectParts parts, ObjectManifest manifest, List<Chunk> claimed) {
    for (ChunkKey key : manifest.extentChunks()) {
      @Nullable Chunk chunk = parts.catalog().claim(key);
      if (chunk == null) {
        return false;
      }
      claimed.add(chunk);
      if (parts.tenancy().retention().hidden(key)) {
        return false;
      }
    }
    return true;
  }

  private void used(ObjectManifest manifest, List<Chunk> extents) {
    List<Chunk> pieces = new ArrayList<>(extents);
    @Nullable Chunk last = parts.catalog().peek(manifest.chunk());
    if (last != null) {
      pieces.add(last);
    }
    parts.orders().used(pieces);
    parts.tenancy().ledger().used(manifest.name().tenant(), pieces);
  }
}
