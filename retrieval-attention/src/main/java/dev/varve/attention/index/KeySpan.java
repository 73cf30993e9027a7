package dev.varve.attention.index;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.StoredRows;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Stored keys of consecutive tokens of one layer, all KV heads, in somebody's memory, which must
 * stay valid as long as the span is used.
 *
 * @param bytes the memory
 * @param dtype element type
 * @param heads KV heads
 * @param dim elements of a key
 * @param offset where the first key of the first head begins
 * @param headBytes bytes from one head to the next
 * @param rowBytes bytes from one token to the next
 * @param tokens tokens of the span
 */
public record KeySpan(
    MemorySegment bytes,
    Dtype dtype,
    int heads,
    int dim,
    long offset,
    long headBytes,
    long rowBytes,
    int tokens) {

  public KeySpan {
    Checks.positive(heads, "heads");
    Checks.positive(dim, "dim");
    Checks.notNegative(tokens, "tokens");
    if (tokens > 0) {
      long row = (long) dim * dtype.bytes();
      long last = (heads - 1L) * headBytes + (tokens - 1L) * rowBytes;
      Objects.checkFromIndexSize(offset, last + row, bytes.byteSize());
    }
  }

  /** The keys of the first {@code tokens} tokens of a block. */
  public static KeySpan of(MemorySegment block, BlockGeometry geometry, int tokens) {
    long headBytes =
        geometry.kvHeads() == 1 ? 0 : geometry.keyOffset(1, 0) - geometry.keyOffset(0, 0);
    return new KeySpan(
        block,
        geometry.dtype(),
        geometry.kvHeads(),
        geometry.keyDim(),
        geometry.keyOffset(0, 0),
        headBytes,
        geometry.keyRowBytes(),
        Checks.inRange(tokens, 0, geometry.tokens(), "tokens"));
  }

  /** A tensor {@code [heads][tokens][dim]} without gaps. */
  public static KeySpan dense(MemorySegment bytes, Dtype dtype, int heads, int tokens, int dim) {
    long row = (long) dim * dtype.bytes();
    return new KeySpan(bytes, dtype, heads, dim, 0, tokens * row, row, tokens);
  }

  /** Tokens {@code [from, from + count)} of this span. */
  public KeySpan slice(int from, int count) {
    Objects.checkFromIndexSize(from, count, tokens);
    return new KeySpan(
        bytes, dtype, heads, dim, offset + from * rowBytes, headBytes, rowBytes, count);
  }

  /** Whether {@code next} goes on in memory where this span ends. */
  boolean continues(KeySpan next) {
    return next.bytes.address() == bytes.address()
        && next.bytes.byteSize() == bytes.byteSize()
        && next.dtype == dtype
        && next.headBytes == headBytes
        && next.rowBytes == rowBytes
        && next.offset == offset + tokens * rowBytes;
  }

  /** Both spans as one, if {@link #continues}. */
  KeySpan joined(KeySpan next) {
    return new KeySpan(bytes, dtype, heads, dim, offset, headBytes, rowBytes, tokens + next.tokens);
  }

  /** Points {@code view} at tokens {@code [from, from + count)} of {@code head}. */
  StoredRows point(StoredRows view, int head, int from, int count) {
    return view.layout(dtype, dim, rowBytes)
        .at(bytes, offset + head * headBytes + from * rowBytes, count);
  }

  /** Returns {@code this} if it has that shape. */
  KeySpan require(int heads, int dim) {
    if (this.heads != heads || this.dim != dim) {
      throw new IllegalArgumentException(
          "the index holds keys of %d heads of %d, given are %d of %d"
              .formatted(heads, dim, this.heads, this.dim));
    }
    return this;
  }
}
