package dev.varve.sdk;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * An engine's memory, described and not copied: {@code [tokens][heads][dim]} with any stride
 * between tokens and between heads; the elements of one head of one token are consecutive. Borrowed
 * until the call it is given to returns.
 *
 * @param memory native memory, or a heap segment over {@code float[]} or {@code short[]}
 * @param offset byte offset of token 0, head 0
 * @param dtype element type; little-endian
 * @param tokens rows
 * @param heads heads of one token
 * @param dim elements of one head
 * @param tokenStride bytes from one token to the next
 * @param headStride bytes from one head to the next
 */
public record EngineTensor(
    MemorySegment memory,
    long offset,
    Dtype dtype,
    int tokens,
    int heads,
    int dim,
    long tokenStride,
    long headStride) {

  public EngineTensor {
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(dtype, "dtype");
    Checks.positive(tokens, "tokens");
    Checks.positive(heads, "heads");
    Checks.positive(dim, "dim");
    long last = offset + (tokens - 1) * tokenStride + (heads - 1) * headStride;
    long end = last + (long) dim * dtype.bytes();
    if (offset < 0 || tokenStride < 0 || headStride < 0 || end > memory.byteSize()) {
      throw new IllegalArgumentException(
          "tensor ["
              + tokens
              + "]["
              + heads
              + "]["
              + dim
              + "] ends at byte "
              + end
              + " of a memory of "
              + memory.byteSize());
    }
  }

  /** A dense tensor over the front of {@code memory}. */
  public static EngineTensor dense(
      MemorySegment memory, Dtype dtype, int tokens, int heads, int dim) {
    long headStride = (long) dim * dtype.bytes();
    return new EngineTensor(memory, 0, dtype, tokens, heads, dim, heads * headStride, headStride);
  }

  /** A dense f32 tensor over the front of {@code values}. */
  public static EngineTensor of(float[] values, int tokens, int heads, int dim) {
    return dense(MemorySegment.ofArray(values), Dtype.F32, tokens, heads, dim);
  }

  /** Byte offset of one head of one token in {@link #memory}. */
  public long offset(int token, int head) {
    return offset + token * tokenStride + head * headStride;
  }

  /** The rows {@code [from, from + count)} of this tensor. */
  public EngineTensor rows(int from, int count) {
    Checks.inRange(from, 0, tokens - 1, "from");
    return new EngineTensor(
        memory, offset + from * tokenStride, dtype, count, heads, dim, tokenStride, headStride);
  }
}
