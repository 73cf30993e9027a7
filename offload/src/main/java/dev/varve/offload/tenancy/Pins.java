package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prefixes that stay: a pin claims its chunks as a session does, so whatever spares a session's
 * chunks spares them. A chunk that several pins hold is claimed and counted once. Thread-safe.
 */
final class Pins {

  private record Hold(int pins, long bytes) {}

  private final ChunkCatalog catalog;
  private final long limitBytes;
  private final RetentionLog log;
  private final TreeMap<Long, PinRecord> pins = new TreeMap<>();
  private final Map<ChunkKey, Hold> holds = new HashMap<>();
  private long heldBytes;
  private long lastId;

  Pins(ChunkCatalog catalog, long limitBytes, RetentionLog log) {
    this.catalog = catalog;
    this.limitBytes = limitBytes;
    this.log = log;
  }

  /**
   * Pins what {@code record}, which has no id yet, names.
   *
   * @throws IllegalArgumentException if that exceeds the limit
   */
  Pin pin(PinRecord record) {
    synchronized (log) {
      PinRecord held = hold(admitted(record));
      boolean kept = false;
      try {
        log.keep(List.of(new JournalRecord.Pinned(held)));
        kept = true;
        return held.shown();
      } finally {
        if (!kept) {
          release(held.id());
        }
      }
    }
  }

  /** Ends a pin; false if there is none of this id. */
  boolean unpin(long id) {
    synchronized (log) {
      if (!isPin(id)) {
        return false;
      }
      log.keep(List.of(new JournalRecord.Unpinned(id)));
      release(id);
      return true;
    }
  }

  /** Lets go of single chunks, whatever pins them. */
  void strike(Collection<ChunkKey> keys) {
    synchronized (log) {
      List<PinRecord> changed = letGo(keys);
      if (!changed.isEmpty()) {
        log.keep(changed.stream().map(JournalRecord.Pinned::new).toList());
      }
    }
  }

  private synchronized boolean isPin(long id) {
    return pins.containsKey(id);
  }

  private synchronized PinRecord admitted(PinRecord record) {
    long fresh =
        record.keys().stream().filter(key -> !holds.containsKey(key)).count() * record.chunkBytes();
    if (fresh > limitBytes - heldBytes) {
      throw new IllegalArgumentException(
          "pinning "
              + record.tokens()
              + " tokens takes "
              + fresh
              + " bytes more, and "
              + heldBytes
              + " of at most "
              + limitBytes
              + " bytes are pinned: unpin something or raise the limit of pinned bytes");
    }
    return record.withId(++lastId);
  }

  /** Holds what {@code record} names and the catalog knows, and keeps the record of that. */
  synchronized PinRecord hold(PinRecord record) {
    List<ChainKey> held = new ArrayList<>();
    for (ChunkKey key : record.keys()) {
      Hold hold = holds.get(key);
      if (hold == null && catalog.claim(key) == null) {
        continue;
      }
      if (hold == null) {
        heldBytes += record.chunkBytes();
      }
      holds.put(
          key,
          hold == null
              ? new Hold(1, record.chunkBytes())
              : new Hold(hold.pins() + 1, hold.bytes()));
      held.add(key.chain());
    }
    PinRecord kept = record.holding(held);
    pins.put(kept.id(), kept);
    lastId = Math.max(lastId, kept.id());
    return kept;
  }

  private synchronized void release(long id) {
    @Nullable PinRecord record = pins.remove(id);
    if (record != null) {
      record.keys().forEach(this::release);
    }
  }

  private void release(ChunkKey key) {
    Hold hold = holds.get(key);
    if (hold == null) {
      throw new IllegalStateException("chunk " + key.chain() + " is released without a pin");
    }
    if (hold.pins() > 1) {
      holds.put(key, new Hold(hold.pins() - 1, hold.bytes()));
      return;
    }
    holds.remove(key);
    heldBytes -= hold.bytes();
    @Nullable Chunk chunk = catalog.peek(key);
    if (chunk == null) {
      throw new IllegalStateException("chunk " + key.chain() + " left although it was pinned");
    }
    chunk.unclaim();
  }

  /** Returns the pins that hold less now. */
  private synchronized List<PinRecord> letGo(Collection<ChunkKey> keys) {
    Set<ChunkKey> pinned = keys.stream().filter(holds::containsKey).collect(Collectors.toSet());
    if (pinned.isEmpty()) {
      return List.of();
    }
    List<PinRecord> changed = new ArrayList<>();
    for (PinRecord record : List.copyOf(pins.values())) {
      Set<ChunkKey> gone =
          record.keys().stream().filter(pinned::contains).collect(Collectors.toSet());
      if (!gone.isEmpty()) {
        gone.forEach(this::release);
        Predicate<ChunkKey> stays = key -> !gone.contains(key);
        List<ChainKey> left = record.keys().stream().filter(stays).map(ChunkKey::chain).toList();
        changed.add(record.holding(left));
      }
    }
    changed.forEach(record -> pins.put(record.id(), record));
    return changed;
  }

  /** Pins whose time has come. */
  synchronized List<Long> due(long now) {
    return pins.values().stream().filter(pin -> pin.until() <= now).map(PinRecord::id).toList();
  }

  synchronized List<PinRecord> all() {
    return List.copyOf(pins.values());
  }

  synchronized boolean holds(ChunkKey key) {
    return holds.containsKey(key);
  }

  synchronized long heldBytes() {
    return heldBytes;
  }

  long limitBytes() {
    return limitBytes;
  }
}
