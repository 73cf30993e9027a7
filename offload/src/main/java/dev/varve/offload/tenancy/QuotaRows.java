package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tier;

/**
 * The chunks of one tenant as its quota counts them: a chunk counts once, with the larger of its
 * copies in HOST and on SSD. A row lives as long as the catalog knows the chunk. For one thread at
 * a time.
 */
final class QuotaRows {

  private static final int HOST = 0;
  private static final int SSD = 1;
  private static final int USED = 2;
  private static final int PARENT = 3;

  private final ChunkTable table = new ChunkTable(4);
  private long counted;

  /** Bytes that count. */
  long counted() {
    return counted;
  }

  /**
   * Enters a chunk that the catalog knows, if it has no row yet.
   *
   * @param parent first 64 bits of its parent's chain key
   */
  void known(ChunkKey key, long parent, long tick) {
    int before = table.size();
    int row = table.enter(key);
    if (table.size() > before) {
      table.set(row, USED, tick);
      table.set(row, PARENT, parent);
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
  void forgotten(ChunkKey key, boolean knownAgain) {
    int row = table.find(key);
    if (row == ChunkTable.ABSENT) {
      return;
    }
    counted -= bytes(row);
    if (knownAgain) {
      table.set(row, HOST, 0);
      table.set(row, SSD, 0);
    } else {
      table.remove(row);
    }
  }

  /** The first row at or behind {@code row}, or {@link ChunkTable#ABSENT}. */
  int next(int row) {
    return table.next(row);
  }

  /** The chunk of a row; rows are valid until the next change. */
  ChunkKey key(int row) {
    return table.key(row);
  }

  /** First 64 bits of the chain key. */
  long name(int row) {
    return table.key(row).chain().digest().first();
  }

  /** First 64 bits of the parent's chain key. */
  long parent(int row) {
    return table.get(row, PARENT);
  }

  long used(int row) {
    return table.get(row, USED);
  }

  /** What the chunk of this row counts. */
  long bytes(int row) {
    return Math.max(table.get(row, HOST), table.get(row, SSD));
  }

  static ChunkKey parentKey(ChunkKey key, ChainKey parent) {
    return new ChunkKey(key.tenant(), key.fingerprint(), parent);
  }
}
