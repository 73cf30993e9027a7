package dev.varve.eviction.observe;

import dev.varve.store.kernel.StoredRows;
import java.util.Objects;

/**
 * Consecutive tokens of other rows, as rows of their own.
 *
 * @param whole the other rows; borrowed
 * @param first first token
 * @param tokens how many
 */
public record RowRange(KvRows whole, int first, int tokens) implements KvRows {

  public RowRange {
    Objects.checkFromIndexSize(first, tokens, whole.tokens());
  }

  @Override
  public int heads() {
    return whole.heads();
  }

  @Override
  public int dim() {
    return whole.dim();
  }

  @Override
  public int point(StoredRows view, int head, int from, int most) {
    Objects.checkFromIndexSize(from, most, tokens);
    return whole.point(view, head, first + from, most);
  }
}
