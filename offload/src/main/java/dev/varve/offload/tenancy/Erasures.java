package dev.varve.offload.tenancy;

import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Erases chunks for good. A chunk is doomed from the moment it belongs to an erasure until it is
 * gone: nobody finds it, and what is sealed behind it is doomed too. An erasure stands in the
 * journal from before its first change until its end, and a chunk that outlives it, because it is
 * claimed, from then on until it is gone: so it is final however the process ends. Thread-safe.
 */
final class Erasures {

  private final ChunkCatalog catalog;
  private final RetentionLog log;
  private final Pins pins;
  private final Set<ChunkKey> doomed = ConcurrentHashMap.newKeySet();
  private final List<EraseScope> running = new ArrayList<>();
  private final Object oneAtATime = new Object();

  /** Sealing shares it; who decides what belongs to an erasure is alone. */
  private final ReentrantReadWriteLock sealing = new ReentrantReadWriteLock();

  Erasures(ChunkCatalog catalog, RetentionLog log, Pins pins) {
    this.catalog = catalog;
    this.log = log;
    this.pins = pins;
  }

  boolean doomed(ChunkKey key) {
    return !doomed.isEmpty() && doomed.contains(key);
  }

  /** Runs {@code work} while no erasure decides what belongs to it. */
  <T> T whileNoneBegins(Supplier<T> work) {
    sealing.readLock().lock();
    try {
      return work.get();
    } finally {
      sealing.readLock().unlock();
    }
  }

  /** Runs {@code work} while nothing is sealed. */
  <T> T whileNothingIsSealed(Supplier<T> work) {
    sealing.writeLock().lock();
    try {
      return work.get();
    } finally {
      sealing.writeLock().unlock();
    }
  }

  /** Dooms a chunk that is about to be sealed if its session was erased or what is before it. */
  void inherit(ChunkKey key, ChunkKey parent, SealTerms terms) {
    if (terms.erased() || doomed(parent)) {
      terms.erase();
      if (!doomed(key)) {
        log.keep(List.of(new JournalRecord.Doomed(key)));
        doomed.add(key);
      }
    }
  }

  /** Erases {@code scope}; see {@link RetentionRules#erase}. */
  RetentionRules.Erased erase(
      EraseScope scope, Runnable mark, ChunkDropper dropper, Consumer<EraseScope> others) {
    synchronized (oneAtATime) {
      begin(scope);
      List<ChunkKey> keys =
          whileNothingIsSealed(() -> {
            mark.run();
            List<ChunkKey> found = scope.find(catalog);
            doomed.addAll(found);
            return found;
          });
      pins.strike(keys);
      ChunkDropper.Dropped dropped = dropper.drop(keys);
      dropper.sync();
      others.accept(scope);
      Set<ChunkKey> held = pardonTheGone(keys);
      end(held);
      return new RetentionRules.Erased(dropped.chunks(), dropped.bytes(), held.size(), keys);
    }
  }

  private void begin(EraseScope scope) {
    synchronized (log) {
      log.keep(List.of(new JournalRecord.Erasing(scope)));
      running.add(scope);
    }
  }

  private void end(Set<ChunkKey> held) {
    synchronized (log) {
      List<JournalRecord> records = new ArrayList<>();
      held.forEach(key -> records.add(new JournalRecord.Doomed(key)));
      records.add(new JournalRecord.Erased());
      log.keep(records);
      running.clear();
    }
  }

  /** Has chunks that the catalog does not know be doomed no more; returns the others. */
  private Set<ChunkKey> pardonTheGone(Collection<ChunkKey> keys) {
    return whileNothingIsSealed(() -> {
      Set<ChunkKey> held =
          keys.stream().filter(key -> catalog.peek(key) != null).collect(Collectors.toSet());
      keys.stream().filter(key -> !held.contains(key)).forEach(doomed::remove);
      return held;
    });
  }

  /** Drops doomed chunks that nobody claims any more; returns how many. */
  int sweep(ChunkDropper dropper) {
    if (doomed.isEmpty()) {
      return 0;
    }
    List<ChunkKey> keys = List.copyOf(doomed);
    int dropped = Math.toIntExact(dropper.drop(keys).chunks());
    if (dropped > 0) {
      dropper.sync();
    }
    Set<ChunkKey> held = pardonTheGone(keys);
    if (held.size() < keys.size()) {
      log.keep(
          keys.stream().filter(key -> !held.contains(key)).map(JournalRecord.Gone::new).toList());
    }
    return dropped;
  }

  /** Does again what the process before did not end; before the first session. */
  boolean recover(JournalReading reading, ChunkDropper dropper, Consumer<EraseScope> others) {
    Set<ChunkKey> gone = new LinkedHashSet<>(reading.doomed());
    reading.erasing().forEach(scope -> gone.addAll(scope.find(catalog)));
    reading.erasing().forEach(others);
    if (!gone.isEmpty()) {
      dropper.drop(gone);
      dropper.sync();
    }
    return !gone.isEmpty() || !reading.erasing().isEmpty();
  }

  /** What the journal must hold now; for who holds the lock of the log. */
  Stream<JournalRecord> records() {
    return Stream.concat(
        doomed.stream().map(JournalRecord.Doomed::new),
        running.stream().map(JournalRecord.Erasing::new));
  }
}
