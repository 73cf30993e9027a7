package dev.varve.offload.tenancy;

import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Erases chunks for good. A chunk is doomed from the moment it belongs to an erasure until it is
 * gone: nobody finds it, and what is sealed behind it is doomed too. An erasure stands in the
 * journal from before its first change until its end, and a chunk that outlives it, because it is
 * claimed, from then on until it is gone: so it is final however the process ends. Thread-safe.
 */
final class Erasures {

  private static final int KEYS_AT_ONCE = 4096;

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

  /**
   * Dooms a chunk that is about to be sealed if its session was erased or what is before it. One
   * that another session sealed before an erasure, and still holds, is doomed no more: from here on
   * it is this session's.
   */
  void inherit(ChunkKey key, ChunkKey parent, SealTerms terms) {
    if (terms.erased() || doomed(parent)) {
      terms.erase();
      if (!doomed(key)) {
        log.keep(List.of(new JournalRecord.Doomed(key)));
        doomed.add(key);
      }
    } else if (doomed(key)) {
      log.keep(List.of(new JournalRecord.Gone(key)));
      doomed.remove(key);
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
      ChunkDropper.Dropped dropped = drop(keys, doomed::contains, dropper);
      dropper.sync();
      others.accept(scope);
      int held =
          whileNothingIsSealed(() -> {
            List<ChunkKey> left = pardonTheGone(keys);
            end(left);
            return left.size();
          });
      return new RetentionRules.Erased(dropped.chunks(), dropped.bytes(), held, keys);
    }
  }

  /**
   * Drops those of {@code keys} that {@code still} holds for when it is their turn: nothing is
   * sealed meanwhile, so none of them is a new chunk of the same name.
   */
  ChunkDropper.Dropped drop(List<ChunkKey> keys, Predicate<ChunkKey> still, ChunkDropper dropper) {
    long chunks = 0;
    long bytes = 0;
    for (int from = 0; from < keys.size(); from += KEYS_AT_ONCE) {
      List<ChunkKey> some = keys.subList(from, Math.min(keys.size(), from + KEYS_AT_ONCE));
      ChunkDropper.Dropped dropped =
          whileNothingIsSealed(() -> {
            List<ChunkKey> wanted = some.stream().filter(still).toList();
            pins.strike(wanted);
            return dropper.drop(wanted);
          });
      chunks += dropped.chunks();
      bytes += dropped.bytes();
    }
    return new ChunkDropper.Dropped(chunks, bytes);
  }

  private void begin(EraseScope scope) {
    synchronized (log) {
      log.keep(List.of(new JournalRecord.Erasing(scope)));
      running.add(scope);
    }
  }

  private void end(List<ChunkKey> held) {
    synchronized (log) {
      List<JournalRecord> records = new ArrayList<>();
      held.forEach(key -> records.add(new JournalRecord.Doomed(key)));
      records.add(new JournalRecord.Erased());
      log.keep(records);
      running.clear();
    }
  }

  /**
   * Has doomed chunks that the catalog does not know be doomed no more; returns the others of
   * {@code keys} that are doomed. While nothing is sealed.
   */
  private List<ChunkKey> pardonTheGone(List<ChunkKey> keys) {
    List<ChunkKey> held = new ArrayList<>();
    for (ChunkKey key : keys) {
      if (doomed.contains(key)) {
        if (catalog.peek(key) == null) {
          doomed.remove(key);
        } else {
          held.add(key);
        }
      }
    }
    return held;
  }

  /** {@link #sweep}, unless somebody seals or erases just now. */
  void sweepIfIdle(ChunkDropper dropper) {
    if (!doomed.isEmpty() && sealing.writeLock().tryLock()) {
      try {
        sweep(dropper);
      } finally {
        sealing.writeLock().unlock();
      }
    }
  }

  /** Drops doomed chunks that nobody claims any more; returns how many. */
  int sweep(ChunkDropper dropper) {
    if (doomed.isEmpty()) {
      return 0;
    }
    return whileNothingIsSealed(() -> {
      List<ChunkKey> keys = List.copyOf(doomed);
      int dropped = Math.toIntExact(dropper.drop(keys).chunks());
      if (dropped > 0) {
        dropper.sync();
      }
      Set<ChunkKey> held = Set.copyOf(pardonTheGone(keys));
      if (held.size() < keys.size()) {
        log.keep(
            keys.stream().filter(key -> !held.contains(key)).map(JournalRecord.Gone::new).toList());
      }
      return dropped;
    });
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
