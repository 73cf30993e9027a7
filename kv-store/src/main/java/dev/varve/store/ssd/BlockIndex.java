package dev.varve.store.ssd;

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
import org.lmdbjava.CursorIterable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.KeyRange;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/**
 * The LMDB index: {@code blocks} from the index form of a key to {@link IndexValueDescriptor}, and
 * {@code places} from segment and offset (big-endian) to the index form, so that the blocks of a
 * segment are found. Both change in one transaction, and no transaction outlives a method. Reads
 * are thread-safe; changes need a lock outside.
 */
final class BlockIndex implements AutoCloseable {

  private static final long LEAST_MAP_BYTES = 64L << 20;

  /** The smallest record takes two pages of a segment; its index rows less than half a page. */
  private static final long CAPACITY_PER_MAP_BYTE = 4;

  private static final int MAX_READERS = 126;
  private static final int ROWS_PER_TRANSACTION = 256;
  private static final int PLACE_BYTES = 2 * Long.BYTES;
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Path folder;
  private final Env<MemorySegment> env;
  private final Dbi<MemorySegment> blocks;
  private final Dbi<MemorySegment> places;

  /** LMDB throws where a reader slot is missing; we wait. */
  private final Semaphore readers = new Semaphore(MAX_READERS - 2);

  private BlockIndex(Path folder, Env<MemorySegment> env) {
    this.folder = folder;
    this.env = env;
    blocks = env.openDbi("blocks", DbiFlags.MDB_CREATE);
    places = env.openDbi("places", DbiFlags.MDB_CREATE);
  }

  /**
   * Opens or makes the index in an existing folder.
   *
   * @param capacityBytes of the tier's segments: bounds the address space of the map, which never
   *     grows
   */
  static BlockIndex open(Path folder, long capacityBytes) {
    long mapBytes = Math.max(LEAST_MAP_BYTES, capacityBytes / CAPACITY_PER_MAP_BYTE);
    mapBytes = Math.ceilDiv(mapBytes, (long) SegmentRecordDescriptor.PAGE);
    Env<MemorySegment> env = null;
    try {
      env =
          Env.create(new MemorySegmentProxy())
              .setMapSize(mapBytes * SegmentRecordDescriptor.PAGE)
              .setMaxDbs(2)
              .setMaxReaders(MAX_READERS)
              .open(folder.toFile(), EnvFlags.MDB_NOTLS);
      return new BlockIndex(folder, env);
    } catch (LmdbException e) {
      if (env != null) {
        env.close();
      }
      throw new StoreException(
          "cannot open the LMDB index in "
              + folder
              + ": "
              + e.getMessage()
              + "; if it was written by another LMDB version or is no LMDB file, move the store"
              + " away and start an empty one, else check permissions and space",
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

  /** Adds these entries, all or none, durably. */
  void add(List<IndexEntry> entries) {
    try (Arena arena = Arena.ofConfined();
        Txn<MemorySegment> txn = env.txnWrite()) {
      MemorySegment value = arena.allocate(IndexValueDescriptor.LENGTH);
      for (IndexEntry entry : entries) {
        IndexValueDescriptor.write(entry, value);
        MemorySegment indexForm = indexForm(entry.header().key(), arena);
        blocks.put(txn, indexForm, value);
        places.put(txn, place(entry.location(), arena), indexForm);
      }
      txn.commit();
    } catch (LmdbException e) {
      throw failure("written", e);
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

  /** Keys of the readable blocks of a segment, in the order of their records. */
  List<BlockKey> keysOf(long segment) {
    return reading(txn -> {
      try (Arena arena = Arena.ofConfined()) {
        KeyRange<MemorySegment> range =
            KeyRange.closedOpen(
                place(new Location(segment, 0, 0), arena),
                place(new Location(segment + 1, 0, 0), arena));
        List<BlockKey> keys = new ArrayList<>();
        try (CursorIterable<MemorySegment> cursor = places.iterate(txn, range)) {
          for (CursorIterable.KeyVal<MemorySegment> row : cursor) {
            if (valueOf(txn, row.val()) instanceof IndexReading.Sound(IndexEntry entry)
                && entry.location().segment() == segment) {
              keys.add(entry.header().key());
            }
          }
        }
        return keys;
      }
    });
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

  private static MemorySegment indexForm(BlockKey key, Arena arena) {
    MemorySegment bytes = arena.allocate(BlockKey.INDEX_BYTES);
    key.writeIndexForm(bytes, 0);
    return bytes;
  }

  private static MemorySegment place(Location location, Arena arena) {
    MemorySegment bytes = arena.allocate(PLACE_BYTES);
    bytes.set(BIG_ENDIAN, 0, location.segment());
    bytes.set(BIG_ENDIAN, Long.BYTES, location.offset());
    return bytes;
  }

  @Override
  public void close() {
    env.close();
  }
}
