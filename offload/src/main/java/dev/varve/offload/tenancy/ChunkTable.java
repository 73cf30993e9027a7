package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Some numbers for each of many chunks, by full key: open addressing with linear probing in one
 * array of longs, at most five eighths full. A row is the number of tenant and model, the 256 bits
 * of the chain key, and the columns; tenants and models are few and kept once. Rows move when one
 * is removed or the table grows, so a row's number is valid until then. For one thread at a time.
 */
final class ChunkTable {

  /** What {@link #find} says of a chunk that is not here. */
  static final int ABSENT = -1;

  private static final int KEY_LONGS = 5;
  private static final int FIRST_ROWS = 16;

  private record Owner(Tenant tenant, Fingerprint fingerprint) {}

  private final int stride;
  private final List<Owner> owners = new ArrayList<>();
  private final Map<Owner, Integer> numbers = new HashMap<>();
  private long[] cells;
  private int rows = FIRST_ROWS;
  private int size;
  private long moves;

  ChunkTable(int columns) {
    this.stride = KEY_LONGS + columns;
    this.cells = new long[FIRST_ROWS * stride];
  }

  /** The same rows in a table of its own. */
  ChunkTable copy() {
    ChunkTable copy = new ChunkTable(stride - KEY_LONGS);
    copy.owners.addAll(owners);
    copy.numbers.putAll(numbers);
    copy.cells = cells.clone();
    copy.rows = rows;
    copy.size = size;
    return copy;
  }

  int size() {
    return size;
  }

  /** How often rows have moved: a scan in pieces is whole only if this stayed the same. */
  long moves() {
    return moves;
  }

  /** The row of {@code key}, or {@link #ABSENT}. */
  int find(ChunkKey key) {
    Integer owner = numbers.get(new Owner(key.tenant(), key.fingerprint()));
    if (owner == null) {
      return ABSENT;
    }
    int row = place(owner, key.chain().digest());
    return taken(row) ? row : ABSENT;
  }

  /** The row of {@code key}, entered with zeros if it was absent. */
  int enter(ChunkKey key) {
    int owner = number(new Owner(key.tenant(), key.fingerprint()));
    Digest256 chain = key.chain().digest();
    int row = place(owner, chain);
    if (taken(row)) {
      return row;
    }
    if (8L * (size + 1) > 5L * rows) {
      grow();
      row = place(owner, chain);
    }
    int at = row * stride;
    cells[at] = owner;
    cells[at + 1] = chain.first();
    cells[at + 2] = chain.second();
    cells[at + 3] = chain.third();
    cells[at + 4] = chain.fourth();
    size++;
    return row;
  }

  long get(int row, int column) {
    return cells[row * stride + KEY_LONGS + column];
  }

  void set(int row, int column, long value) {
    cells[row * stride + KEY_LONGS + column] = value;
  }

  /** The first row at or behind {@code row} that holds a chunk, or {@link #ABSENT}. */
  int next(int row) {
    for (int at = row; at < rows; at++) {
      if (taken(at)) {
        return at;
      }
    }
    return ABSENT;
  }

  ChunkKey key(int row) {
    int at = row * stride;
    Owner owner = owners.get((int) cells[at] - 1);
    Digest256 chain = new Digest256(cells[at + 1], cells[at + 2], cells[at + 3], cells[at + 4]);
    return new ChunkKey(owner.tenant(), owner.fingerprint(), new ChainKey(chain));
  }

  /** Removes {@code row} and closes the gap it leaves. */
  void remove(int row) {
    moves++;
    int mask = rows - 1;
    int hole = row;
    for (int at = (hole + 1) & mask; taken(at); at = (at + 1) & mask) {
      int home = home(cells[at * stride + 1], mask);
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        System.arraycopy(cells, at * stride, cells, hole * stride, stride);
        hole = at;
      }
    }
    Arrays.fill(cells, hole * stride, (hole + 1) * stride, 0);
    size--;
  }

  private int number(Owner owner) {
    return numbers.computeIfAbsent(
        owner,
        fresh -> {
          owners.add(fresh);
          return owners.size();
        });
  }

  private boolean taken(int row) {
    return cells[row * stride] != 0;
  }

  private int place(int owner, Digest256 chain) {
    int mask = rows - 1;
    int row = home(chain.first(), mask);
    while (taken(row) && !holds(row * stride, owner, chain)) {
      row = (row + 1) & mask;
    }
    return row;
  }

  private boolean holds(int at, int owner, Digest256 chain) {
    return cells[at] == owner
        && cells[at + 1] == chain.first()
        && cells[at + 2] == chain.second()
        && cells[at + 3] == chain.third()
        && cells[at + 4] == chain.fourth();
  }

  /** A chain key is a digest, so its bits need no mixing. */
  private static int home(long chain, int mask) {
    return (int) chain & mask;
  }

  private void grow() {
    moves++;
    long[] old = cells;
    int oldRows = rows;
    rows = Math.multiplyExact(2, rows);
    cells = new long[Math.multiplyExact(rows, stride)];
    for (int at = 0; at < oldRows * stride; at += stride) {
      if (old[at] != 0) {
        int mask = rows - 1;
        int row = home(old[at + 1], mask);
        while (taken(row)) {
          row = (row + 1) & mask;
        }
        System.arraycopy(old, at, cells, row * stride, stride);
      }
    }
  }
}
