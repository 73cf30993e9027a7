package dev.varve.offload.object;

import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tier;
import dev.varve.store.object.ObjectLease;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
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

  /** See {@link dev.varve.store.object.ObjectSpace#readNow}. */
  boolean readNow(ObjectName name, LongFunction<Optional<MemorySegment>> memory) {
    Optional<ObjectManifest> seen = parts.live(name);
    if (seen.isEmpty()) {
      return false;
    }
    ObjectManifest manifest = seen.get();
    List<Chunk> claimed = new ArrayList<>(manifest.extents().size());
    try {
      boolean near =
          claim(parts, manifest, claimed)
              && claimed.stream().allMatch(chunk -> chunk.in(Tier.HOST, 0));
      Optional<MemorySegment> target =
          near ? memory.apply(manifest.info().length()) : Optional.empty();
      if (target.isEmpty() || !copyNow(manifest, claimed, target.get())) {
        return false;
      }
      used(manifest, claimed);
      parts.counters().leases.increment();
      return true;
    } finally {
      claimed.forEach(Chunk::unclaim);
    }
  }

  private boolean copyNow(ObjectManifest manifest, List<Chunk> chunks, MemorySegment target) {
    long at = 0;
    for (int i = 0; i < chunks.size(); i++) {
      int bytes = manifest.extents().get(i).bytes();
      if (!parts.fetcher().readNow(chunks.get(i), 0, target.asSlice(at, bytes))) {
        return false;
      }
      at += bytes;
    }
    return true;
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
