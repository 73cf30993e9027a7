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
 * <p>A tensor may lie on the device that holds the hot tier ({@link Kind#DEVICE}): steps take such
 * keys, values and queries, and write such outputs. The engine's work on it must be done before;
 * what a step read or wrote is done when the call returns.
 *
 * @param memory native memory, or a heap segment over {@code float[]} or {@code short[]}; for a
 *     device's an address without bytes
 * @param offset byte offset of token 0, head 0
 * @param dtype element type; little-endian
 * @param tokens rows
 * @param heads heads of one token
 * @param dim elements of one head
 * @param tokenStride bytes from one token to the next
 * @param headStride bytes from one head to the next
 * @param kind where it lies
 */
public record EngineTensor(
    MemorySegment memory,
    long offset,
    Dtype dtype,
    int tokens,
    int heads,
    int dim,
    long tokenStride,
    long headStride,
    Kind kind) {

  /** Where a tensor lies. */
  public enum Kind {
    /** In memory that the processor reads. */
    HOST,
    /** In the memory of a GPU. */
    DEVICE
  }

  public EngineTensor {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(dtype, "dtype");
    Checks.positive(tokens, "tokens");
    Checks.positive(heads, "heads");
    Checks.positive(dim, "dim");
    long last = offset + (tokens - 1) * tokenStride + (heads - 1) * headStride;
    long end = last + (long) dim * dtype.bytes();
    boolean beyond = kind == Kind.HOST && end > memory.byteSize();
    if (offset < 0 || tokenStride < 0 || headStride < 0 || beyond) {
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
    if (kind == Kind.DEVICE && memory.address() == 0) {
      throw new IllegalArgumentException("a tensor on a device does not lie at address 0");
    }
  }

  /** A tensor in memory that the processor reads. */
  public EngineTensor(
      MemorySegment memory,
      long offset,
      Dtype dtype,
      int tokens,
      int heads,
      int dim,
      long tokenStride,
      long headStride) {
    this(memory, offset, dtype, tokens, heads, dim, tokenStride, headStride, Kind.HOST);
  }

  /**
   * A dense tensor on the device that holds the hot tier. Nobody checks how much memory there is.
   *
   * @param address of token 0, head 0
   */
  public static EngineTensor onDevice(long address, Dtype dtype, int tokens, int heads, int dim) {
    long headStride = (long) dim * dtype.bytes();
    return new EngineTensor(
        MemorySegment.ofAddress(address),
        0,
        dtype,
        tokens,
        heads,
        dim,
        heads * headStride,
        headStride,
        Kind.DEVICE);
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
        memory,
        offset + from * tokenStride,
        dtype,
        count,
        heads,
        dim,
        tokenStride,
        headStride,
        kind);
  }
}
