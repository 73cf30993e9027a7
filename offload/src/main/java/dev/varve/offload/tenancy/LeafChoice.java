package dev.varve.offload.tenancy;

import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which chunks of a tenant leave for its quota: the leaf that was used longest ago, then
 * the next, where a chunk becomes a leaf when all that continue it were chosen. Looks at every row
 * once, so it is worth choosing many at a time.
 */
final class LeafChoice {

  private final QuotaRows rows;
  private final ChunkCatalog catalog;
  private final Map<Long, Integer> rowOf = new HashMap<>();
  private final Map<Long, Integer> children = new HashMap<>();
  private final PriorityQueue<Integer> leaves;

  /**
   * @param rows must not change while this is used
   */
  LeafChoice(QuotaRows rows, ChunkCatalog catalog) {
    this.rows = rows;
    this.catalog = catalog;
    this.leaves = new PriorityQueue<>(Comparator.comparingLong(rows::used));
    for (int row = rows.next(0); row != ChunkTable.ABSENT; row = rows.next(row + 1)) {
      rowOf.put(rows.name(row), row);
      children.merge(rows.parent(row), 1, Integer::sum);
    }
  }

  /**
   * Chunks, children before parents, that count {@code least} bytes together, and more as long as
   * that is not above {@code most}; less if nothing else may leave: a chunk that is claimed, or
   * named in {@code spared}, stays, and so do all before it.
   */
  List<ChunkKey> choose(long least, long most, Set<ChunkKey> spared) {
    rowOf.forEach((name, row) -> {
      if (!children.containsKey(name)) {
        leaves.add(row);
      }
    });
    List<ChunkKey> chosen = new ArrayList<>();
    long found = 0;
    while (!leaves.isEmpty() && (found < least || found + rows.bytes(leaves.element()) <= most)) {
      int row = leaves.remove();
      ChunkKey key = rows.key(row);
      @Nullable Chunk chunk = catalog.peek(key);
      if (chunk != null && !chunk.claimed() && !spared.contains(key)) {
        chosen.add(key);
        found += rows.bytes(row);
        childGone(rows.parent(row));
      }
    }
    return chosen;
  }

  private void childGone(long parent) {
    @Nullable Integer row = rowOf.get(parent);
    int left = children.merge(parent, -1, Integer::sum);
    if (left == 0 && row != null) {
      leaves.add(row);
    }
  }
}
