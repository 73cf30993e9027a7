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
 * Reads are thread-safe; changes need a lock outside.
 */
final class LiveIndex {

  private final BlockIndex index;
  private final Map<ByteBuffer, IndexEntry> pending = new ConcurrentHashMap<>();

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

  /** Names the pending blocks on the disk; their data must be there. */
  void commitPending() {
    if (!pending.isEmpty()) {
      commit(pending.values());
      pending.clear();
    }
  }

  /** Names these blocks on the disk, where their data must be. */
  void commit(Collection<IndexEntry> entries) {
    long last = index.lastSequence();
    for (IndexEntry entry : entries) {
      last = Math.max(last, entry.location().sequence());
    }
    index.set(entries, last);
  }

  /** Forgets the pending blocks and returns them. */
  List<IndexEntry> dropPending() {
    List<IndexEntry> dropped = List.copyOf(pending.values());
    pending.clear();
    return dropped;
  }

  BlockIndex.Removal remove(Collection<BlockKey> keys) {
    List<IndexEntry> waiting = new ArrayList<>();
    List<BlockKey> committed = new ArrayList<>();
    for (BlockKey key : new LinkedHashSet<>(keys)) {
      IndexEntry entry = pending.get(form(key));
      if (entry == null) {
        committed.add(key);
      } else if (entry.header().key().equals(key)) {
        waiting.add(entry);
      }
    }
    BlockIndex.Removal below =
        committed.isEmpty() ? new BlockIndex.Removal(0, List.of()) : index.remove(committed);
    waiting.forEach(entry -> pending.remove(form(entry.header().key())));
    int count = below.count() + waiting.size();
    waiting.addAll(below.sound());
    return new BlockIndex.Removal(count, waiting);
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
