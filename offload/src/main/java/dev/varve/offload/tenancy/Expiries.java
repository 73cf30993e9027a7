package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * When chunks expire, for those that do. A time that was set for a prefix is handed on to what is
 * sealed behind it later. Times are milliseconds since 1970. Thread-safe.
 */
final class Expiries {

  /** Expires never. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int AT = 0;
  private static final int FLAGS = 1;
  private static final long HANDED_ON = 1;
  private static final long WRITTEN = 2;

  private final ChunkTable table = new ChunkTable(2);
  private final int scannedAtOnce;
  private long earliest = NEVER;
  private long earliestOfScan = NEVER;
  private int cursor;
  private long movesAtStart;
  private volatile boolean used;

  /**
   * @param scannedAtOnce rows that one call of {@link #due} looks at
   */
  Expiries(int scannedAtOnce) {
    this.scannedAtOnce = scannedAtOnce;
  }

  /** When {@code key} expires, or {@link #NEVER}. */
  synchronized long of(ChunkKey key) {
    int row = table.find(key);
    return row == ChunkTable.ABSENT ? NEVER : table.get(row, AT);
  }

  /**
   * Sets when a chunk that is sealed now expires. The later of two sealings counts, but a time that
   * was set for a prefix holds for all behind it until it has passed.
   *
   * @param at by the rules of session and tenant, or {@link #NEVER}
   * @param known whether the catalog knew the chunk before
   * @param entered whether it is in the catalog by now, so that a time is its own and not that of a
   *     chunk that has left
   * @return what the journal must learn, because blocks of the chunk may be on SSD or it holds
   *     another time
   */
  synchronized Optional<JournalRecord> sealed(
      ChunkKey key, ChainKey parent, long at, boolean known, boolean entered, long now) {
    int row = table.find(key);
    boolean tell = known || (row != ChunkTable.ABSENT && written(row));
    if (known && row != ChunkTable.ABSENT && handedOn(row) && table.get(row, AT) > now) {
      return Optional.empty();
    }
    boolean own = row != ChunkTable.ABSENT && (known || entered);
    long before = own ? table.get(row, AT) : known ? NEVER : 0;
    long bound = boundBy(new ChunkKey(key.tenant(), key.fingerprint(), parent), now);
    long wanted = Math.min(bound, Math.max(before, at));
    boolean handedOn = wanted == bound && bound != NEVER;
    if (wanted == before) {
      return Optional.empty();
    }
    if (wanted == NEVER) {
      clear(key);
    } else {
      set(key, wanted, handedOn);
    }
    return tell ? Optional.of(new JournalRecord.Expires(key, wanted, handedOn)) : Optional.empty();
  }

  private long boundBy(ChunkKey parent, long now) {
    int row = table.find(parent);
    boolean bound = row != ChunkTable.ABSENT && handedOn(row) && table.get(row, AT) > now;
    return bound ? table.get(row, AT) : NEVER;
  }

  /** Sets when a chunk expires, whatever was set before. */
  synchronized void set(ChunkKey key, long at, boolean handedOn) {
    used = true;
    int row = table.enter(key);
    table.set(row, AT, at);
    table.set(row, FLAGS, handedOn ? HANDED_ON : 0);
    earliest = Math.min(earliest, at);
    earliestOfScan = Math.min(earliestOfScan, at);
  }

  /** Takes over a time that the journal holds. */
  synchronized void setWritten(ChunkKey key, long at, boolean handedOn) {
    if (at == NEVER) {
      clear(key);
    } else {
      set(key, at, handedOn);
      int row = table.find(key);
      table.set(row, FLAGS, table.get(row, FLAGS) | WRITTEN);
    }
  }

  /** Has {@code key} expire never. */
  synchronized void clear(ChunkKey key) {
    int row = table.find(key);
    if (row != ChunkTable.ABSENT) {
      table.remove(row);
    }
  }

  /**
   * Strikes a chunk that left the catalog, unless it was entered there again.
   *
   * @return what the journal must learn, or the chunk would expire by it when it is stored again
   */
  synchronized Optional<JournalRecord> forgotten(ChunkKey key, ChunkCatalog catalog) {
    int row = table.find(key);
    if (row == ChunkTable.ABSENT || catalog.peek(key) != null) {
      return Optional.empty();
    }
    boolean tell = written(row);
    table.remove(row);
    return tell ? Optional.of(new JournalRecord.Expires(key, NEVER, false)) : Optional.empty();
  }

  /** The times of those of {@code keys} that the journal does not hold yet. */
  synchronized List<JournalRecord.Expires> unwritten(Collection<ChunkKey> keys) {
    List<JournalRecord.Expires> records = new ArrayList<>();
    for (ChunkKey key : keys) {
      int row = table.find(key);
      if (row != ChunkTable.ABSENT && !written(row)) {
        records.add(new JournalRecord.Expires(key, table.get(row, AT), handedOn(row)));
      }
    }
    return records;
  }

  /** Every time that the journal holds, as of now. */
  Stream<JournalRecord> written() {
    ChunkTable now = snapshot();
    return IntStream.iterate(now.next(0), row -> row != ChunkTable.ABSENT, row -> now.next(row + 1))
        .filter(row -> (now.get(row, FLAGS) & WRITTEN) != 0)
        .mapToObj(row ->
            new JournalRecord.Expires(
                now.key(row), now.get(row, AT), (now.get(row, FLAGS) & HANDED_ON) != 0));
  }

  private synchronized ChunkTable snapshot() {
    return table.copy();
  }

  /** Strikes what the catalog does not know; returns whether there was any. */
  synchronized boolean keepKnown(ChunkCatalog catalog) {
    List<ChunkKey> unknown = new ArrayList<>();
    for (int row = table.next(0); row != ChunkTable.ABSENT; row = table.next(row + 1)) {
      ChunkKey key = table.key(row);
      if (catalog.peek(key) == null) {
        unknown.add(key);
      }
    }
    unknown.forEach(this::clear);
    return !unknown.isEmpty();
  }

  /** Chunks that have expired, as far as a part of the table shows; call again for the rest. */
  synchronized List<ChunkKey> due(long now) {
    List<ChunkKey> due = new ArrayList<>();
    if (now < earliest) {
      return due;
    }
    if (cursor == 0) {
      movesAtStart = table.moves();
      earliestOfScan = NEVER;
    }
    int end = cursor + scannedAtOnce;
    int row = table.next(cursor);
    for (; row != ChunkTable.ABSENT && row < end; row = table.next(row + 1)) {
      long at = table.get(row, AT);
      earliestOfScan = Math.min(earliestOfScan, at);
      if (at <= now) {
        due.add(table.key(row));
      }
    }
    if (row == ChunkTable.ABSENT) {
      // A scan in pieces may have missed rows that moved between them.
      earliest = table.moves() == movesAtStart ? earliestOfScan : 0;
      cursor = 0;
    } else {
      cursor = end;
    }
    return due;
  }

  /** Whether no chunk ever had a time: then none needs to be asked for. */
  boolean unused() {
    return !used;
  }

  private boolean written(int row) {
    return (table.get(row, FLAGS) & WRITTEN) != 0;
  }

  private boolean handedOn(int row) {
    return (table.get(row, FLAGS) & HANDED_ON) != 0;
  }
}
