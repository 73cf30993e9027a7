package dev.varve.eviction.observe;

import dev.varve.store.kernel.StoredRows;

/**
 * Stored keys or values of one layer, {@code [heads][tokens][dim]}, wherever they lie. The memory
 * is borrowed. Safe for several readers as long as nobody writes.
 */
public interface KvRows {

  /** KV heads. */
  int heads();

  /** Tokens, the same number in every head. */
  int tokens();

  /** Elements of a row. */
  int dim();

  /**
   * Points {@code view} at consecutive rows of {@code head} that begin at token {@code from}.
   *
   * @param most rows wanted, at least 1 and no more than there are
   * @return rows that the view holds now, at least 1; fewer than {@code most} where the memory ends
   */
  int point(StoredRows view, int head, int from, int most);
}
