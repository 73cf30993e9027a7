package dev.varve.offload.object;

import dev.varve.offload.Mover;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.StoreException;
import dev.varve.store.object.ObjectPieces;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Pieces that no object needs any more, until they are gone from all tiers: dropped many at a time,
 * for a removal may cost a sync. While an older version waits here its successor is claimed, so
 * that no restart finds the older one alone. What a lease still holds waits on. Thread-safe.
 */
final class Retired {

  private static final int MOST_PIECES = 4096;
  private static final int FEW_PIECES = 128;
  private static final long MOST_BYTES = 64L << 20;

  /** What waits may take this part of the tier that keeps objects. */
  private static final int LEAST_SHARES = 64;

  private static final long LONGEST_MILLIS = 1000;
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int MOST_WAITS = 30_000;

  private record Entry(List<ChunkKey> pieces, List<Chunk> successors) {}

  private final ChunkCatalog catalog;
  private final Mover mover;
  private final ObjectIndex index;
  private final LongSupplier millis;
  private final Queue<Entry> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger fresh = new AtomicInteger();
  private final AtomicLong freshBytes = new AtomicLong();
  private final long mostBytes;
  private volatile long swept;
  private final Lock sweeping = new ReentrantLock();

  /**
   * @param capacityBytes of the tier that keeps objects
   * @param millis since 1970
   */
  Retired(
      ChunkCatalog catalog,
      Mover mover,
      ObjectIndex index,
      long capacityBytes,
      LongSupplier millis) {
    this.catalog = catalog;
    this.mover = mover;
    this.index = index;
    this.mostBytes = Math.min(MOST_BYTES, capacityBytes / LEAST_SHARES);
    this.millis = millis;
  }

  /** Has pieces wait that nobody finds any more. */
  void add(List<ChunkKey> pieces) {
    add(new Entry(pieces, List.of()));
  }

  /** The same with the manifest that replaced theirs, whose claim goes over to this. */
  void add(List<ChunkKey> pieces, Chunk successor) {
    add(new Entry(pieces, List.of(successor)));
  }

  private void add(Entry entry) {
    fresh.addAndGet(entry.pieces().size());
    freshBytes.addAndGet(entry.pieces().stream().mapToLong(this::bytes).sum());
    queue.add(entry);
  }

  /** At most. */
  private long bytes(ChunkKey piece) {
    @Nullable Chunk chunk = catalog.peek(piece);
    return chunk == null ? 0 : (long) chunk.tokens() * ObjectPieces.PAGE;
  }

  /** Drops what may go if much has come together. */
  void sweepIfMany() {
    int pieces = fresh.get();
    if (pieces >= MOST_PIECES || (pieces >= FEW_PIECES && freshBytes.get() >= mostBytes)) {
      sweep();
    }
  }

  /** Drops what may go if something waited for a while; returns how many chunks that was. */
  int sweepIfLate() {
    long now = millis.getAsLong();
    return queue.isEmpty() || (now >= swept && now - swept < LONGEST_MILLIS) ? 0 : sweep();
  }

  /** Drops what may go; returns how many chunks that was. */
  int sweep() {
    sweeping.lock();
    try {
      swept = millis.getAsLong();
      List<Entry> entries = new ArrayList<>();
      for (Entry entry = queue.poll(); entry != null; entry = queue.poll()) {
        entries.add(entry);
      }
      fresh.set(0);
      freshBytes.set(0);
      return entries.isEmpty() ? 0 : drop(entries);
    } finally {
      sweeping.unlock();
    }
  }

  private int drop(List<Entry> entries) {
    Set<ChunkKey> pieces = new LinkedHashSet<>();
    List<Chunk> holding = new ArrayList<>();
    for (Entry entry : entries) {
      entry.pieces().stream().filter(key -> index.ownerOf(key).isEmpty()).forEach(pieces::add);
      holding.addAll(entry.successors());
    }
    // A successor that was replaced itself is to go now; the newest one is held.
    holding.stream().filter(chunk -> pieces.contains(chunk.key())).forEach(Chunk::unclaim);
    holding.removeIf(chunk -> pieces.contains(chunk.key()));
    try {
      return Math.toIntExact(mover.drop(pieces).chunks());
    } finally {
      List<ChunkKey> left = pieces.stream().filter(key -> catalog.peek(key) != null).toList();
      if (left.stream().anyMatch(Retired::isManifest)) {
        queue.add(new Entry(left, holding));
      } else {
        holding.forEach(Chunk::unclaim);
        if (!left.isEmpty()) {
          queue.add(new Entry(left, List.of()));
        }
      }
    }
  }

  /** Returns once these manifests, which were added, are gone for every later process. */
  void awaitGone(List<ChunkKey> manifests) {
    sweep();
    for (int waits = 0; manifests.stream().anyMatch(key -> catalog.peek(key) != null); waits++) {
      if (waits == MOST_WAITS) {
        throw new StoreException(
            "a deleted object is still being carried between tiers after "
                + TimeUnit.NANOSECONDS.toSeconds(MOST_WAITS * WAIT_NANOS)
                + " s: it is not found any more, but may be by a later process; delete it again");
      }
      LockSupport.parkNanos(WAIT_NANOS);
      sweep();
    }
  }

  static boolean isManifest(ChunkKey key) {
    return key.fingerprint().equals(ObjectPieces.MANIFESTS);
  }
}
