package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import dev.varve.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.KeyRange;
import org.lmdbjava.Txn;

/** Walks a whole index and looks every row up from both sides. */
final class IndexAudit {

  private final BlockIndex index;

  IndexAudit(BlockIndex index) {
    this.index = index;
  }

  /**
   * Checks what a read that trusts the tree relies on: every block lies where one place says, is
   * found under its own key, and the other way round.
   *
   * @return blocks
   * @throws StoreException if anything disagrees
   */
  long run() {
    require(index.lastSequence() >= -1, "its last sequence is negative");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment last = arena.allocate(BlockKey.INDEX_BYTES);
      long count = 0;
      while (true) {
        KeyRange<MemorySegment> range = count == 0 ? KeyRange.all() : KeyRange.greaterThan(last);
        int rows = index.reading(txn -> checkPage(txn, range, last));
        count += rows;
        if (rows < BlockIndex.ROWS_PER_TRANSACTION) {
          break;
        }
      }
      long blockCount = count;
      return index.reading(txn -> {
        long placeCount = 0;
        try (CursorIterable<MemorySegment> cursor = index.places.iterate(txn, KeyRange.all())) {
          for (CursorIterable.KeyVal<MemorySegment> row : cursor) {
            require(index.blocks.get(txn, row.val()) != null, "a place names no block");
            placeCount++;
            require(placeCount <= blockCount, "there are more places than blocks");
          }
        }
        require(placeCount == blockCount, "there are fewer places than blocks");
        return blockCount;
      });
    }
  }

  private int checkPage(Txn<MemorySegment> txn, KeyRange<MemorySegment> range, MemorySegment last) {
    int rows = 0;
    try (CursorIterable<MemorySegment> cursor = index.blocks.iterate(txn, range);
        Arena arena = Arena.ofConfined()) {
      for (CursorIterable.KeyVal<MemorySegment> row : cursor) {
        switch (IndexValueDescriptor.read(row.val())) {
          case IndexReading.Sound(IndexEntry entry) -> {
            MemorySegment form = BlockIndex.indexForm(entry.header().key(), arena);
            require(row.key().mismatch(form) == -1, "a value stands under another key");
            require(index.blocks.get(txn, form) != null, "a block is not found under its key");
            MemorySegment named = index.places.get(txn, BlockIndex.place(entry.location(), arena));
            require(named != null && named.mismatch(form) == -1, "a block has no place");
          }
          case IndexReading.Refused(String reason) -> require(false, reason);
          case IndexReading.Absent() -> require(false, "a row without a value");
        }
        last.copyFrom(row.key());
        if (++rows == BlockIndex.ROWS_PER_TRANSACTION) {
          break;
        }
      }
    }
    return rows;
  }

  private void require(boolean sound, String complaint) {
    if (!sound) {
      throw new StoreException("the index in " + index.folder + " is damaged: " + complaint);
    }
  }
}
