package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import dev.varve.store.internal.IndexForm;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What is visible: the index on the disk, and before it the blocks whose data may not be there yet.
 * Remembers which removals the index still notes. Reads are thread-safe; changes need a lock
 * outside.
 */
final class LiveIndex {

  private final BlockIndex index;
  private final Map<ByteBuffer, IndexEntry> pending = new ConcurrentHashMap<>();

  /** Removed records whose marks may not be on the disk, and those whose marks are. */
  private final List<Location> unsettled = new ArrayList<>();

  private final List<Location> settled = new ArrayList<>();

  LiveIndex(BlockIndex index) {
    this.index = index;
  }

  IndexReading find(BlockKey key) {
    IndexEntry waiting = pending.get(form(key));
    return waiting == null ? index.find(key) : new IndexReading.Sound(waiting);
  }

  /** Makes these blocks visible, in memory only. */
  void addPending(List<IndexEntry> entries) {
    entries.forEach(entry -> pending.put(form(entry.header().key()), entry));
  }

  /** Whether one of these waits. */
  boolean anyPending(Collection<BlockKey> keys) {
    return !pending.isEmpty() && keys.stream().anyMatch(key -> pending.containsKey(form(key)));
  }

  int pending() {
    return pending.size();
  }

  /** Removals that wait for {@link #marksForced}. */
  int unsettled() {
    return unsettled.size();
  }

  /** Says that every removed record is marked so on the disk. */
  void marksForced() {
    settled.addAll(unsettled);
    unsettled.clear();
  }

  /** Names the pending blocks on the disk; their data must be there. */
  void commitPending() {
    if (!pending.isEmpty() || settled.size() > SsdTier.MOST_PENDING) {
      set(pending.values());
      pending.clear();
    }
  }

  /** Lets the index forget the removals that are settled. */
  void forgetSettled() {
    if (!settled.isEmpty()) {
      set(List.of());
    }
  }

  /**
   * Names these blocks on the disk, where their data must be.
   *
   * @param replaced earlier records of the same blocks
   */
  void commit(Collection<IndexEntry> entries, Collection<IndexEntry> replaced) {
    set(entries);
    replaced.forEach(entry -> unsettled.add(entry.location()));
  }

  private void set(Collection<IndexEntry> entries) {
    long last = index.state().lastSequence();
    for (IndexEntry entry : entries) {
      last = Math.max(last, entry.location().sequence());
    }
    index.set(entries, last, settled);
    settled.clear();
  }

  /** Forgets the pending blocks and returns them. */
  List<IndexEntry> dropPending() {
    List<IndexEntry> dropped = List.copyOf(pending.values());
    pending.clear();
    return dropped;
  }

  /** Removes blocks, none of which is pending. */
  BlockIndex.Removal remove(Collection<BlockKey> keys) {
    BlockIndex.Removal removal = index.remove(new LinkedHashSet<>(keys));
    removal.sound().forEach(entry -> unsettled.add(entry.location()));
    unsettled.addAll(removal.unreadable());
    return removal;
  }

  /** Shows every value; the consumer runs outside any transaction. */
  void forEach(Consumer<IndexReading> consumer) {
    List<IndexEntry> waiting = List.copyOf(pending.values());
    Set<BlockKey> shown = new HashSet<>();
    for (IndexEntry entry : waiting) {
      shown.add(entry.header().key());
      consumer.accept(new IndexReading.Sound(entry));
    }
    index.forEach(reading -> {
      if (!(reading instanceof IndexReading.Sound(IndexEntry entry)
          && shown.contains(entry.header().key()))) {
        consumer.accept(reading);
      }
    });
  }

  /** Readable blocks of a segment. */
  List<IndexEntry> entriesOf(long segment) {
    Set<IndexEntry> entries = new LinkedHashSet<>(index.entriesOf(segment));
    for (IndexEntry entry : pending.values()) {
      if (entry.location().segment() == segment) {
        entries.add(entry);
      }
    }
    return List.copyOf(entries);
  }

  BlockIndex onDisk() {
    return index;
  }

  private static ByteBuffer form(BlockKey key) {
    return ByteBuffer.wrap(IndexForm.of(key));
  }
}
