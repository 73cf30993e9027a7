package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads a whole index without LMDB and checks what a reader of it relies on: trees in order, values
 * with their checksums under their own keys, and for every block exactly one place. Both sides are
 * compared by sums of hashes of their pairs, so nothing is held but the rows of one batch.
 */
final class IndexAudit {

  private static final int ROWS_PER_BATCH = 4096;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final @Nullable BlockIndex copy;
  private final List<BlockIndex.Row> batch = new ArrayList<>();
  private final MemorySegment form;
  private final MemorySegment placeOfBlock;
  private Sum blocks = new Sum(0, 0);
  private Sum places = new Sum(0, 0);
  private IndexState state = IndexState.NEW;

  private IndexAudit(@Nullable BlockIndex copy, Arena arena) {
    this.copy = copy;
    form = arena.allocate(BlockKey.INDEX_BYTES);
    placeOfBlock = arena.allocate(IndexRows.PLACE_BYTES);
  }

  /** Sums of two hashes over pairs of a place and an index form. */
  private record Sum(long first, long second) {
    Sum plus(MemorySegment place, MemorySegment form) {
      long a = hash(hash(0x9E3779B97F4A7C15L, place), form);
      return new Sum(first + a, second + mixed(a ^ 0xD6E8FEB86659FD93L));
    }
  }

  private static long hash(long seed, MemorySegment bytes) {
    long hash = seed;
    long size = bytes.byteSize();
    for (long at = 0; at < size; at += Integer.BYTES) {
      hash = mixed(hash ^ Integer.toUnsignedLong(bytes.get(INT, at)));
    }
    return hash;
  }

  /** The finalizer of SplitMix64. */
  private static long mixed(long z) {
    long once = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long twice = (once ^ (once >>> 27)) * 0x94D049BB133111EBL;
    return twice ^ (twice >>> 31);
  }

  /**
   * Why an index is not to be trusted; empty if every check passed.
   *
   * @param noted its generation, as it was noted; a tree of an earlier one is out of date
   * @param copy a new index to fill with the rows; null for none
   */
  static Optional<String> doubt(Path indexFile, OptionalLong noted, @Nullable BlockIndex copy) {
    try (Arena arena = Arena.ofConfined();
        IndexFile file = IndexFile.open(indexFile)) {
      IndexAudit audit = new IndexAudit(copy, arena);
      audit.run(file);
      return audit.age(noted);
    } catch (DamagedIndexException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return Optional.of("it cannot be read: " + e);
    }
  }

  private void run(IndexFile file) throws IOException {
    file.forEach(IndexRows.STATE, (_, value) -> state = IndexState.read(value));
    long blockCount = file.forEach(IndexRows.BLOCKS, this::block);
    long placeCount = file.forEach(IndexRows.PLACES, this::place);
    file.forEach(
        IndexRows.REMOVALS,
        (key, value) -> {
          IndexRows.removal(key, value);
          keep(IndexRows.REMOVALS, key, value);
        });
    IndexFile.require(
        blockCount == placeCount, blockCount + " blocks have " + placeCount + " places");
    IndexFile.require(blocks.equals(places), "blocks and places disagree");
    if (copy != null) {
      flush();
      copy.startFrom(state);
    }
  }

  private void block(MemorySegment key, MemorySegment value) {
    switch (IndexValueDescriptor.read(value)) {
      case IndexReading.Sound(IndexEntry entry) -> {
        entry.header().key().writeIndexForm(form, 0);
        IndexFile.require(key.mismatch(form) == -1, "a value stands under another key");
        IndexFile.require(
            entry.location().sequence() <= state.lastSequence(),
            "a record is newer than the index");
        IndexRows.writePlace(entry.location(), placeOfBlock);
        blocks = blocks.plus(placeOfBlock, key);
      }
      case IndexReading.Refused(String reason) -> throw new DamagedIndexException(reason);
      case IndexReading.Absent() -> throw new DamagedIndexException("a row without a value");
    }
    keep(IndexRows.BLOCKS, key, value);
  }

  private void place(MemorySegment key, MemorySegment value) {
    IndexFile.require(
        key.byteSize() == IndexRows.PLACE_BYTES && value.byteSize() == BlockKey.INDEX_BYTES,
        "a place of another length");
    places = places.plus(key, value);
    keep(IndexRows.PLACES, key, value);
  }

  private void keep(String database, MemorySegment key, MemorySegment value) {
    if (copy != null) {
      batch.add(
          new BlockIndex.Row(
              database,
              MemorySegment.ofArray(key.toArray(ValueLayout.JAVA_BYTE)),
              MemorySegment.ofArray(value.toArray(ValueLayout.JAVA_BYTE))));
      if (batch.size() == ROWS_PER_BATCH) {
        flush();
      }
    }
  }

  private void flush() {
    if (copy != null) {
      copy.load(batch);
      batch.clear();
    }
  }

  private Optional<String> age(OptionalLong noted) {
    if (noted.isEmpty()) {
      return Optional.of("its generation is not noted in COMMIT");
    }
    return state.generation() >= noted.getAsLong()
        ? Optional.empty()
        : Optional.of(
            "it is of generation " + state.generation() + ", noted is " + noted.getAsLong());
  }
}
