package dev.varve.sdk.internal.reading;

import dev.varve.attention.index.TokenIndex;
import dev.varve.sdk.attention.SelectionUsage;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Indices of stored contexts, in bounded memory: which was not asked for longest makes room first.
 * An index that is worked with stays. Thread-safe.
 */
final class IndexShelf {

  /**
   * What an index is found by.
   *
   * @param method what it depends on
   * @param first the first chunk
   * @param last the last chunk, whose key tells all before it
   */
  private record Name(String method, int layer, ChunkKey first, ChunkKey last) {

    static Name of(String method, int layer, List<ChunkKey> chunks) {
      return new Name(method, layer, chunks.getFirst(), chunks.getLast());
    }
  }

  private final long limit;
  private final Map<Name, ShelvedIndex> byName = new LinkedHashMap<>(16, 0.75f, true);
  private long used;
  private long found;
  private long built;
  private long dropped;

  /**
   * @param limit most bytes
   */
  IndexShelf(long limit) {
    this.limit = Checks.positive(limit, "bytes of indices");
  }

  long limit() {
    return limit;
  }

  /** What a request works with until it gives it back. */
  record Taken(String method, int layer, ShelvedIndex index) {}

  /**
   * The index of these chunks, or of those at their front, or a new one; {@link #giveBack} follows.
   */
  synchronized Taken take(
      String method,
      int layer,
      List<ChunkKey> chunks,
      BlockGeometry geometry,
      Supplier<TokenIndex> empty) {
    Name wanted = Name.of(method, layer, chunks);
    ShelvedIndex index = byName.get(wanted);
    if (index == null) {
      index =
          shorter(method, layer, chunks)
              .orElseGet(() -> new ShelvedIndex(empty.get(), geometry, chunks));
      index.chunks = List.copyOf(chunks);
      byName.put(wanted, index);
      built++;
    } else {
      found++;
    }
    index.users++;
    return new Taken(method, layer, index);
  }

  /** The longest idle one of the front of the chunks, taken out. */
  private Optional<ShelvedIndex> shorter(String method, int layer, List<ChunkKey> chunks) {
    for (int count = chunks.size() - 1; count > 0; count--) {
      Name name = Name.of(method, layer, chunks.subList(0, count));
      ShelvedIndex index = byName.get(name);
      if (index != null && index.users == 0) {
        byName.remove(name);
        return Optional.of(index);
      }
    }
    return Optional.empty();
  }

  /** Counts {@code bytes} more for it; false if there is no room, whoever else goes. */
  synchronized boolean grow(Taken taken, long bytes) {
    Iterator<ShelvedIndex> oldest = byName.values().iterator();
    while (used + bytes > limit && oldest.hasNext()) {
      ShelvedIndex next = oldest.next();
      if (next.users == 0) {
        oldest.remove();
        forget(next);
      }
    }
    if (used + bytes > limit) {
      return false;
    }
    used += bytes;
    taken.index().bytes += bytes;
    return true;
  }

  private void forget(ShelvedIndex index) {
    used -= index.bytes;
    index.bytes = 0;
    dropped++;
  }

  /**
   * Ends the work with it.
   *
   * @param keep whether others may find it
   */
  synchronized void giveBack(Taken taken, boolean keep) {
    ShelvedIndex index = taken.index();
    index.users--;
    if (!keep) {
      doom(index);
    }
    if (index.users == 0 && index.doomed) {
      forget(index);
    }
  }

  private void doom(ShelvedIndex index) {
    if (!index.doomed) {
      index.doomed = true;
      byName.values().remove(index);
    }
  }

  /** Drops those whose chunks are gone. */
  synchronized void removeIf(Predicate<List<ChunkKey>> gone) {
    for (ShelvedIndex index : List.copyOf(byName.values())) {
      if (gone.test(index.chunks)) {
        doom(index);
        if (index.users == 0) {
          forget(index);
        }
      }
    }
  }

  synchronized SelectionUsage usage() {
    return new SelectionUsage(byName.size(), used, limit, found, built, dropped);
  }
}
