package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import dev.varve.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.KeyRange;
import org.lmdbjava.LmdbException;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * The LMDB index: {@code blocks} from the index form of a key to {@link IndexValueDescriptor},
 * {@code places} from segment and offset (big-endian) to the index form, so that the blocks of a
 * segment are found, {@code removals} with the records that are removed but perhaps not marked so
 * in their segment, and {@code state}. All change in one transaction, which is on the disk when it
 * ends; no transaction outlives a method. Reads are thread-safe; changes need a lock outside.
 */
final class BlockIndex implements AutoCloseable {

  private static final long LEAST_MAP_BYTES = 64L << 20;

  /** The smallest record takes two pages of a segment; its index rows less than half a page. */
  private static final long CAPACITY_PER_MAP_BYTE = 4;

  private static final int DATABASES = 4;
  private static final int MAX_READERS = 126;
  static final int ROWS_PER_TRANSACTION = 256;

  private final Path folder;
  private final Env<MemorySegment> env;
  private final Dbi<MemorySegment> blocks;
  private final Dbi<MemorySegment> places;
  private final Dbi<MemorySegment> removals;
  private final Dbi<MemorySegment> stateRows;
  private IndexState state;
  private @Nullable CommitMark mark;

  /** LMDB throws where a reader slot is missing; we wait. */
  private final Semaphore readers = new Semaphore(MAX_READERS - 2);

  private BlockIndex(Path folder, Env<MemorySegment> env, DbiFlags... flags) {
    this.folder = folder;
    this.env = env;
    blocks = env.openDbi(IndexRows.BLOCKS, flags);
    places = env.openDbi(IndexRows.PLACES, flags);
    removals = env.openDbi(IndexRows.REMOVALS, flags);
    stateRows = env.openDbi(IndexRows.STATE, flags);
    state = readState();
  }

  /**
   * Opens or makes the index in an existing folder.
   *
   * @param capacityBytes of the tier's segments: bounds the address space of the map, which never
   *     grows
   */
  static BlockIndex open(Path folder, long capacityBytes) {
    return open(folder, sized(capacityBytes), List.of(EnvFlags.MDB_NOTLS), DbiFlags.MDB_CREATE);
  }

  /** Makes an index whose file the caller forces to the disk once it is closed. */
  static BlockIndex create(Path folder, long capacityBytes) {
    List<EnvFlags> flags = List.of(EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOSYNC);
    return open(folder, sized(capacityBytes), flags, DbiFlags.MDB_CREATE);
  }

  /** Opens an existing index without changing any file; nobody may change it meanwhile. */
  static BlockIndex openToRead(Path folder) {
    List<EnvFlags> flags =
        List.of(EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOLOCK, EnvFlags.MDB_RDONLY_ENV);
    return open(folder, Env.create(new MemorySegmentProxy()), flags);
  }

  private static Env.Builder<MemorySegment> sized(long capacityBytes) {
    long mapBytes = Math.max(LEAST_MAP_BYTES, capacityBytes / CAPACITY_PER_MAP_BYTE);
    long pages = Math.ceilDiv(mapBytes, (long) SegmentRecordDescriptor.PAGE);
    return Env.create(new MemorySegmentProxy()).setMapSize(pages * SegmentRecordDescriptor.PAGE);
  }

  private static BlockIndex open(
      Path folder, Env.Builder<MemorySegment> builder, List<EnvFlags> flags, DbiFlags... dbi) {
    Env<MemorySegment> env = null;
    boolean opened = false;
    try {
      env =
          builder
              .setMaxDbs(DATABASES)
              .setMaxReaders(MAX_READERS)
              .open(folder.toFile(), flags.toArray(EnvFlags[]::new));
      BlockIndex index = new BlockIndex(folder, env, dbi);
      opened = true;
      return index;
    } catch (LmdbException e) {
      throw new StoreException(
          "cannot open the LMDB index in "
              + folder
              + ": "
              + e.getMessage()
              + "; check permissions and space, and whether another LMDB version wrote it",
          e);
    } finally {
      if (!opened && env != null) {
        env.close();
      }
    }
  }

  IndexReading find(BlockKey key) {
    return reading(txn -> {
      try (Arena arena = Arena.ofConfined()) {
        return valueOf(txn, IndexRows.indexForm(key, arena));
      }
    });
  }

  private IndexReading valueOf(Txn<MemorySegment> txn, MemorySegment indexForm) {
    MemorySegment value = blocks.get(txn, indexForm);
    return value == null ? new IndexReading.Absent() : IndexValueDescriptor.read(value);
  }

  /** Work in a transaction that changes the index. */
  @FunctionalInterface
  private interface Change<T> {
    T make(Txn<MemorySegment> txn, Arena arena);
  }

  private <T> T changing(long lastSequence, Change<T> change) {
    try (Arena arena = Arena.ofConfined();
        Txn<MemorySegment> txn = env.txnWrite()) {
      T result = change.make(txn, arena);
      IndexState next = state.next(lastSequence);
      write(txn, next, arena);
      txn.commit();
      state = next;
      noteCommit();
      return result;
    } catch (LmdbException e) {
      throw failure("written", e);
    }
  }

  private void write(Txn<MemorySegment> txn, IndexState next, Arena arena) {
    MemorySegment row = arena.allocate(IndexState.LENGTH);
    next.write(row);
    stateRows.put(txn, IndexRows.stateKey(arena), row);
  }

  /**
   * Sets these entries, all or none, durably. The newest entry of a key wins, whether it comes
   * first or last; the record of the older one is noted as removed.
   *
   * @param lastSequence highest sequence that may stand in a segment
   * @param settled removals that the segments bear, too, on the disk
   */
  void set(Collection<IndexEntry> entries, long lastSequence, Collection<Location> settled) {
    changing(
        lastSequence,
        (txn, arena) -> {
          MemorySegment value = arena.allocate(IndexValueDescriptor.LENGTH);
          for (IndexEntry entry : entries) {
            MemorySegment indexForm = IndexRows.indexForm(entry.header().key(), arena);
            if (valueOf(txn, indexForm) instanceof IndexReading.Sound(IndexEntry before)) {
              if (before.location().sequence() > entry.location().sequence()) {
                continue;
              }
              removeRows(txn, indexForm, before.location(), arena);
            }
            IndexValueDescriptor.write(entry, value);
            blocks.put(txn, indexForm, value);
            places.put(txn, IndexRows.place(entry.location(), arena), indexForm);
          }
          settled.forEach(location -> removals.delete(txn, IndexRows.place(location, arena)));
          return entries.size();
        });
  }

  /**
   * What a removal took out.
   *
   * @param count entries removed
   * @param sound those of them that could be read
   * @param unreadable places of the others, without a sequence
   */
  record Removal(int count, List<IndexEntry> sound, List<Location> unreadable) {}

  /**
   * Removes the entries of these keys, all in one transaction. Their records stay noted as removed
   * until {@link #set} is told that they are settled.
   */
  Removal remove(Collection<BlockKey> keys) {
    return changing(
        state.lastSequence(),
        (txn, arena) -> {
          List<IndexEntry> sound = new ArrayList<>();
          List<Location> unreadable = new ArrayList<>();
          int count = 0;
          for (BlockKey key : keys) {
            MemorySegment form = IndexRows.indexForm(key, arena);
            switch (valueOf(txn, form)) {
              case IndexReading.Sound(IndexEntry entry) when entry.header().key().equals(key) -> {
                removeRows(txn, form, entry.location(), arena);
                sound.add(entry);
                count++;
              }
              case IndexReading.Refused(String reason) -> {
                List<Location> named = placesOf(txn, form);
                named.forEach(location -> removeRows(txn, form, location, arena));
                blocks.delete(txn, form);
                unreadable.addAll(named);
                count++;
              }
              case IndexReading.Sound(IndexEntry other) -> {}
              case IndexReading.Absent() -> {}
            }
          }
          return new Removal(count, sound, unreadable);
        });
  }

  private void removeRows(
      Txn<MemorySegment> txn, MemorySegment form, Location location, Arena arena) {
    MemorySegment place = IndexRows.place(location, arena);
    blocks.delete(txn, form);
    places.delete(txn, place);
    removals.put(txn, place, IndexRows.removal(location, arena));
  }

  /** Looks through all places: only for a row whose value is damaged. */
  private List<Location> placesOf(Txn<MemorySegment> txn, MemorySegment indexForm) {
    List<Location> found = new ArrayList<>();
    try (CursorIterable<MemorySegment> cursor = places.iterate(txn, KeyRange.all())) {
      for (CursorIterable.KeyVal<MemorySegment> row : cursor) {
        if (row.val().mismatch(indexForm) == -1) {
          found.add(IndexRows.location(row.key(), IndexRows.ANY_SEQUENCE));
        }
      }
    }
    return found;
  }

  /** Removals that are not settled. */
  List<Location> removals() {
    return reading(txn -> {
      List<Location> found = new ArrayList<>();
      try (CursorIterable<MemorySegment> cursor = removals.iterate(txn, KeyRange.all())) {
        for (CursorIterable.KeyVal<MemorySegment> row : cursor) {
          found.add(IndexRows.removal(row.key(), row.val()));
        }
      }
      return found;
    });
  }

  /** Blocks named. */
  long size() {
    return reading(txn -> blocks.stat(txn).entries);
  }

  IndexState state() {
    return state;
  }

  private IndexState readState() {
    return reading(txn -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment row = stateRows.get(txn, IndexRows.stateKey(arena));
        return row == null ? IndexState.NEW : IndexState.read(row);
      }
    });
  }

  /** Notes the generation, now and after each transaction; closes {@code mark} in the end. */
  void noteCommitsIn(CommitMark mark) {
    this.mark = mark;
    noteCommit();
  }

  private void noteCommit() {
    if (mark != null) {
      mark.write(state.generation());
    }
  }

  /** Shows every value, in the order of keys; the consumer runs outside any transaction. */
  void forEach(Consumer<IndexReading> consumer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment last = arena.allocate(BlockKey.INDEX_BYTES);
      boolean first = true;
      List<IndexReading> rows;
      do {
        KeyRange<MemorySegment> range = first ? KeyRange.all() : KeyRange.greaterThan(last);
        rows = reading(txn -> page(txn, range, last));
        rows.forEach(consumer);
        first = false;
      } while (rows.size() == ROWS_PER_TRANSACTION);
    }
  }

  private List<IndexReading> page(
      Txn<MemorySegment> txn, KeyRange<MemorySegment> range, MemorySegment last) {
    List<IndexReading> rows = new ArrayList<>();
    try (CursorIterable<MemorySegment> cursor = blocks.iterate(txn, range)) {
      for (CursorIterable.KeyVal<MemorySegment> row : cursor) {
        rows.add(IndexValueDescriptor.read(row.val()));
        if (rows.size() == ROWS_PER_TRANSACTION) {
          last.copyFrom(row.key());
          break;
        }
      }
    }
    return rows;
  }

  /** Readable blocks of a segment, in the order of their records. */
  List<IndexEntry> entriesOf(long segment) {
    return reading(txn -> {
      try (Arena arena = Arena.ofConfined()) {
        KeyRange<MemorySegment> range =
            KeyRange.closedOpen(
                IndexRows.place(segment, 0, arena), IndexRows.place(segment + 1, 0, arena));
        List<IndexEntry> entries = new ArrayList<>();
        try (CursorIterable<MemorySegment> cursor = places.iterate(txn, range)) {
          for (CursorIterable.KeyVal<MemorySegment> row : cursor) {
            if (valueOf(txn, row.val()) instanceof IndexReading.Sound(IndexEntry entry)
                && entry.location().segment() == segment) {
              entries.add(entry);
            }
          }
        }
        return entries;
      }
    });
  }

  /** One row for {@link #load}, in memory of its own. */
  record Row(String database, MemorySegment key, MemorySegment value) {}

  /** Appends rows, in the order of their keys in each database, to a new index. */
  void load(Collection<Row> rows) {
    try (Arena arena = Arena.ofConfined();
        Txn<MemorySegment> txn = env.txnWrite()) {
      for (Row row : rows) {
        database(row.database())
            .put(
                txn, inNative(row.key(), arena), inNative(row.value(), arena), PutFlags.MDB_APPEND);
      }
      txn.commit();
    } catch (LmdbException e) {
      throw failure("written", e);
    }
  }

  private static MemorySegment inNative(MemorySegment bytes, Arena arena) {
    return arena.allocate(bytes.byteSize()).copyFrom(bytes);
  }

  private Dbi<MemorySegment> database(String name) {
    return switch (name) {
      case IndexRows.BLOCKS -> blocks;
      case IndexRows.PLACES -> places;
      case IndexRows.REMOVALS -> removals;
      default -> throw new IllegalArgumentException("no database of rows: " + name);
    };
  }

  /** Begins the generations and sequences of a new index behind those of another one. */
  void startFrom(IndexState earlier) {
    state = earlier;
    changing(earlier.lastSequence(), (txn, arena) -> 0);
  }

  private <T> T reading(Function<Txn<MemorySegment>, T> work) {
    readers.acquireUninterruptibly();
    try (Txn<MemorySegment> txn = env.txnRead()) {
      return work.apply(txn);
    } catch (LmdbException e) {
      throw failure("read", e);
    } finally {
      readers.release();
    }
  }

  private StoreException failure(String what, LmdbException cause) {
    return new StoreException(
        "the index in "
            + folder
            + " cannot be "
            + what
            + ": "
            + cause.getMessage()
            + "; what was stored before is untouched, check the disk for space and errors",
        cause);
  }

  @Override
  public void close() {
    env.close();
    if (mark != null) {
      mark.close();
    }
  }
}
