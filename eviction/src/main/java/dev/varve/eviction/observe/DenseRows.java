package dev.varve.eviction.observe;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.StoredRows;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Rows that lie head by head in one piece of memory.
 *
 * @param bytes {@code [heads][tokens][dim]}, little-endian, at any address
 * @param dtype element type
 */
public record DenseRows(MemorySegment bytes, Dtype dtype, int heads, int tokens, int dim)
    implements KvRows {

  public DenseRows {
    Checks.positive(heads, "heads");
    Checks.positive(tokens, "tokens");
    Checks.positive(dim, "dim");
    long needed = (long) heads * tokens * dim * dtype.bytes();
    if (bytes.byteSize() != needed) {
      throw new IllegalArgumentException(
          "%d heads of %d tokens of %d %s elements take %d bytes, given are %d"
              .formatted(heads, tokens, dim, dtype, needed, bytes.byteSize()));
    }
  }

  /** Rows of floats on the heap. */
  public static DenseRows of(float[] values, int heads, int tokens, int dim) {
    return new DenseRows(MemorySegment.ofArray(values), Dtype.F32, heads, tokens, dim);
  }

  @Override
  public int point(StoredRows view, int head, int from, int most) {
    Objects.checkIndex(head, heads);
    Objects.checkFromIndexSize(from, most, tokens);
    long row = (long) dim * dtype.bytes();
    view.layout(dtype, dim).at(bytes, ((long) head * tokens + from) * row, most);
    return most;
  }
}
