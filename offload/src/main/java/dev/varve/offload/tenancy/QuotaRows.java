package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tier;

/**
 * The chunks of one tenant as its quota counts them: a chunk counts once, with the larger of its
 * copies in HOST and on SSD. A row lives as long as the catalog knows the chunk or one that
 * continues it. For one thread at a time.
 */
final class QuotaRows {

  private static final int HOST = 0;
  private static final int SSD = 1;
  private static final int USED = 2;
  private static final int CHILDREN = 3;
  private static final int KNOWN = 4;

  private final ChunkTable table = new ChunkTable(5);
  private long counted;

  /** Bytes that count. */
  long counted() {
    return counted;
  }

  /** Enters a chunk that the catalog knows, if it has no row yet. */
  void known(ChunkKey key, ChainKey parent, int firstToken, long tick) {
    int row = table.enter(key);
    if (table.get(row, KNOWN) == 0) {
      table.set(row, KNOWN, 1);
      table.set(row, USED, tick);
      if (firstToken > 0) {
        int above = table.enter(parentKey(key, parent));
        table.set(above, CHILDREN, table.get(above, CHILDREN) + 1);
      }
    }
  }

  /** A tier holds {@code bytes} more of a chunk, or less. */
  void add(ChunkKey key, Tier tier, long bytes) {
    int row = table.find(key);
    if (row == ChunkTable.ABSENT) {
      return;
    }
    int column = tier == Tier.HOST ? HOST : SSD;
    counted -= bytes(row);
    // A chunk that was forgotten and sealed again hears of its old copies leaving: not below zero.
    table.set(row, column, Math.max(0, table.get(row, column) + bytes));
    counted += bytes(row);
  }

  void used(ChunkKey key, long tick) {
    int row = table.find(key);
    if (row != ChunkTable.ABSENT) {
      table.set(row, USED, tick);
    }
  }

  /** Strikes a chunk; one that was sealed again meanwhile starts anew with nothing stored. */
  void forgotten(ChunkKey key, ChainKey parent, int firstToken, boolean knownAgain) {
    int row = table.find(key);
    if (row == ChunkTable.ABSENT || table.get(row, KNOWN) == 0) {
      return;
    }
    counted -= bytes(row);
    table.set(row, HOST, 0);
    table.set(row, SSD, 0);
    if (knownAgain) {
      return;
    }
    table.set(row, KNOWN, 0);
    removeIfUnused(row);
    if (firstToken > 0) {
      int above = table.find(parentKey(key, parent));
      table.set(above, CHILDREN, table.get(above, CHILDREN) - 1);
      removeIfUnused(above);
    }
  }

  private void removeIfUnused(int row) {
    if (table.get(row, KNOWN) == 0 && table.get(row, CHILDREN) == 0) {
      table.remove(row);
    }
  }

  /** The row of a chunk, or {@link ChunkTable#ABSENT}; valid until the next change. */
  int find(ChunkKey key) {
    return table.find(key);
  }

  int next(int row) {
    return table.next(row);
  }

  ChunkKey key(int row) {
    return table.key(row);
  }

  long used(int row) {
    return table.get(row, USED);
  }

  long children(int row) {
    return table.get(row, CHILDREN);
  }

  /** What the chunk of this row counts. */
  long bytes(int row) {
    return Math.max(table.get(row, HOST), table.get(row, SSD));
  }

  static ChunkKey parentKey(ChunkKey key, ChainKey parent) {
    return new ChunkKey(key.tenant(), key.fingerprint(), parent);
  }
}
