package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockKey;
import dev.varve.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.CopyFlags;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.KeyRange;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/**
 * The LMDB index: {@code blocks} from the index form of a key to {@link IndexValueDescriptor},
 * {@code places} from segment and offset (big-endian) to the index form, so that the blocks of a
 * segment are found, and {@code state} with the highest sequence committed. All change in one
 * transaction, which is on the disk when it ends; no transaction outlives a method. Reads are
 * thread-safe; changes need a lock outside.
 */
final class BlockIndex implements AutoCloseable {

  private static final long LEAST_MAP_BYTES = 64L << 20;

  /** The smallest record takes two pages of a segment; its index rows less than half a page. */
  private static final long CAPACITY_PER_MAP_BYTE = 4;

  private static final int DATABASES = 3;
  private static final int MAX_READERS = 126;
  static final int ROWS_PER_TRANSACTION = 256;
  private static final int PLACE_BYTES = 2 * Long.BYTES;
  private static final int STATE_BYTES = Long.BYTES + Integer.BYTES;
  private static final ValueLayout.OfInt CRC =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final byte SEQUENCE_KEY = 's';
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  final Path folder;
  private final Env<MemorySegment> env;
  final Dbi<MemorySegment> blocks;
  final Dbi<MemorySegment> places;
  private final Dbi<MemorySegment> state;
  private @Nullable CommitMark mark;

  /** LMDB throws where a reader slot is missing; we wait. */
  private final Semaphore readers = new Semaphore(MAX_READERS - 2);

  private BlockIndex(Path folder, Env<MemorySegment> env, DbiFlags... flags) {
    this.folder = folder;
    this.env = env;
    blocks = env.openDbi("blocks", flags);
    places = env.openDbi("places", flags);
    state = env.openDbi("state", flags);
  }

  /**
   * Opens or makes the index in an existing folder.
   *
   * @param capacityBytes of the tier's segments: bounds the address space of the map, which never
   *     grows
   */
  static BlockIndex open(Path folder, long capacityBytes) {
    long mapBytes = Math.max(LEAST_MAP_BYTES, capacityBytes / CAPACITY_PER_MAP_BYTE);
    long pages = Math.ceilDiv(mapBytes, (long) SegmentRecordDescriptor.PAGE);
    Env.Builder<MemorySegment> builder =
        Env.create(new MemorySegmentProxy()).setMapSize(pages * SegmentRecordDescriptor.PAGE);
    return open(folder, builder, new EnvFlags[] {EnvFlags.MDB_NOTLS}, DbiFlags.MDB_CREATE);
  }

  /** Opens an existing index without changing any file; nobody may change it meanwhile. */
  static BlockIndex openToRead(Path folder) {
    EnvFlags[] flags = {EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOLOCK, EnvFlags.MDB_RDONLY_ENV};
    return open(folder, Env.create(new MemorySegmentProxy()), flags);
  }

  private static BlockIndex open(
      Path folder, Env.Builder<MemorySegment> builder, EnvFlags[] flags, DbiFlags... dbiFlags) {
    Env<MemorySegment> env = null;
    try {
      env = builder.setMaxDbs(DATABASES).setMaxReaders(MAX_READERS).open(folder.toFile(), flags);
      return new BlockIndex(folder, env, dbiFlags);
    } catch (LmdbException e) {
      if (env != null) {
        env.close();
      }
      throw new StoreException(
          "cannot open the LMDB index in "
              + folder
              + ": "
              + e.getMessage()
              + "; check permissions and space, and whether another LMDB version wrote it",
          e);
    }
  }

  IndexReading find(BlockKey key) {
    return reading(txn -> {
      try (Arena arena = Arena.ofConfined()) {
        return find(txn, key, arena);
      }
    });
  }

  private IndexReading find(Txn<MemorySegment> txn, BlockKey key, Arena arena) {
    return valueOf(txn, indexForm(key, arena));
  }

  private IndexReading valueOf(Txn<MemorySegment> txn, MemorySegment indexForm) {
    MemorySegment value = blocks.get(txn, indexForm);
    return value == null ? new IndexReading.Absent() : IndexValueDescriptor.read(value);
  }

  /**
   * Sets these entries, all or none, durably. The newest entry of a key wins, whether it comes
   * first or last.
   */
  void set(Collection<IndexEntry> entries, long lastSequence) {
    try (Arena arena = Arena.ofConfined();
        Txn<MemorySegment> txn = env.txnWrite()) {
      MemorySegment value = arena.allocate(IndexValueDescriptor.LENGTH);
      for (IndexEntry entry : entries) {
        MemorySegment indexForm = indexForm(entry.header().key(), arena);
        if (valueOf(txn, indexForm) instanceof IndexReading.Sound(IndexEntry before)) {
          if (before.location().sequence() > entry.location().sequence()) {
            continue;
          }
          places.delete(txn, place(before.location(), arena));
        }
        IndexValueDescriptor.write(entry, value);
        blocks.put(txn, indexForm, value);
        places.put(txn, place(entry.location(), arena), indexForm);
      }
      MemorySegment last = arena.allocate(STATE_BYTES);
      last.set(BIG_ENDIAN, 0, lastSequence);
      last.set(CRC, Long.BYTES, BlockChecksum.crc32c(last.asSlice(0, Long.BYTES)));
      state.put(txn, sequenceKey(arena), last);
      txn.commit();
      noteCommit();
    } catch (LmdbException e) {
      throw failure("written", e);
    }
  }

  private static MemorySegment sequenceKey(Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, SEQUENCE_KEY);
  }

  /** Blocks named. */
  long size() {
    return reading(txn -> blocks.stat(txn).entries);
  }

  /**
   * Highest sequence committed; -1 in a new index.
   *
   * @throws StoreException if it is damaged
   */
  long lastSequence() {
    return reading(txn -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment last = state.get(txn, sequenceKey(arena));
        if (last == null) {
          return -1L;
        }
        if (last.byteSize() != STATE_BYTES
            || last.get(CRC, Long.BYTES) != BlockChecksum.crc32c(last.asSlice(0, Long.BYTES))) {
          throw new StoreException(
              "the index in " + folder + " is damaged: its last sequence has a wrong CRC");
        }
        return last.get(BIG_ENDIAN, 0);
      }
    });
  }

  /** Number of the last transaction. */
  long lastTransaction() {
    return env.info().lastTransactionId;
  }

  /** Notes the last transaction, now and after each further one; closes {@code mark} in the end. */
  void noteCommitsIn(CommitMark mark) {
    this.mark = mark;
    noteCommit();
  }

  private void noteCommit() {
    if (mark != null) {
      mark.write(lastTransaction());
    }
  }

  /**
   * What a removal took out.
   *
   * @param count entries removed
   * @param sound those of them that could be read
   */
  record Removal(int count, List<IndexEntry> sound) {}

  /** Removes the entries of these keys, all in one transaction. */
  Removal remove(Collection<BlockKey> keys) {
    try (Arena arena = Arena.ofConfined();
        Txn<MemorySegment> txn = env.txnWrite()) {
      List<IndexEntry> removed = new ArrayList<>();
      int count = 0;
      for (BlockKey key : keys) {
        switch (find(txn, key, arena)) {
          case IndexReading.Sound(IndexEntry entry) when entry.header().key().equals(key) -> {
            blocks.delete(txn, indexForm(key, arena));
            places.delete(txn, place(entry.location(), arena));
            removed.add(entry);
            count++;
          }
          case IndexReading.Refused(String reason) -> {
            blocks.delete(txn, indexForm(key, arena));
            count++;
          }
          case IndexReading.Sound(IndexEntry other) -> {}
          case IndexReading.Absent() -> {}
        }
      }
      txn.commit();
      noteCommit();
      return new Removal(count, removed);
    } catch (LmdbException e) {
      throw failure("written", e);
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

  /** Writes a compact copy into an existing empty folder. */
  void copyTo(Path target) {
    try {
      env.copy(target.toFile(), CopyFlags.MDB_CP_COMPACT);
    } catch (LmdbException e) {
      throw failure("copied to " + target, e);
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
                place(new Location(segment, 0, 0), arena),
                place(new Location(segment + 1, 0, 0), arena));
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

  /** Runs {@code work} in a read transaction. */
  <T> T reading(Function<Txn<MemorySegment>, T> work) {
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

  static MemorySegment indexForm(BlockKey key, Arena arena) {
    MemorySegment bytes = arena.allocate(BlockKey.INDEX_BYTES);
    key.writeIndexForm(bytes, 0);
    return bytes;
  }

  static MemorySegment place(Location location, Arena arena) {
    MemorySegment bytes = arena.allocate(PLACE_BYTES);
    bytes.set(BIG_ENDIAN, 0, location.segment());
    bytes.set(BIG_ENDIAN, Long.BYTES, location.offset());
    return bytes;
  }

  @Override
  public void close() {
    env.close();
    if (mark != null) {
      mark.close();
    }
  }
}
