package dev.varve.store;

/**
 * Where every element of a raw block lies: keys first, then values, each head by head, each head
 * token by token.
 *
 * <pre>
 *  keys   [kvHeads][tokens][keyDim]     | pad to 64 | values [kvHeads][tokens][valueDim] | pad
 *  0                                                 valuesOffset()                   bytes()
 *
 *  one head:   | token 0: d elements | token 1 | ... | token tokens-1 |
 *              <---- rowBytes ------>
 *              <------------------ headBytes ------------------------->
 * </pre>
 *
 * Where values are a prefix of the keys there is no value section: {@code valuesOffset()} is 0 and
 * a value row is the front of its key row. Elements are little-endian.
 *
 * @param tokens tokens of a full block, a multiple of 32
 * @param kvHeads heads
 * @param keyDim elements of a key
 * @param valueDim elements of a value
 * @param dtype stored element type
 * @param valueIsPrefixOfKey no value section
 */
public record BlockGeometry(
    int tokens, int kvHeads, int keyDim, int valueDim, Dtype dtype, boolean valueIsPrefixOfKey) {

  /** Sections and blocks begin at multiples of this. */
  public static final int ALIGNMENT = 64;

  /** Tokens of a block unless configured otherwise. */
  public static final int DEFAULT_TOKENS = 128;

  /** Largest block: lengths are 32-bit in headers. */
  public static final long MAX_BYTES = 1L << 30;

  public BlockGeometry {
    if (tokens < 32 || tokens > 4096 || tokens % 32 != 0) {
      throw new IllegalArgumentException(
          "block tokens must be a multiple of 32 between 32 and 4096: " + tokens);
    }
    long bytes = (long) tokens * kvHeads * (keyDim + (long) valueDim) * dtype.bytes();
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a block of "
              + bytes
              + " bytes is above the limit of "
              + MAX_BYTES
              + ": use less tokens");
    }
  }

  /** The blocks of {@code layer}. */
  public static BlockGeometry of(LayerShape layer, Dtype dtype, int tokens) {
    return new BlockGeometry(
        tokens,
        layer.kvHeads(),
        layer.keyDim(),
        layer.valueDim(),
        dtype,
        layer.valueIsPrefixOfKey());
  }

  /** Bytes from one key of a head to the next. */
  public long keyRowBytes() {
    return (long) keyDim * dtype.bytes();
  }

  /** Bytes from one value of a head to the next. */
  public long valueRowBytes() {
    return valueIsPrefixOfKey ? keyRowBytes() : (long) valueDim * dtype.bytes();
  }

  /** Bytes of the key section without padding. */
  public long keyBytes() {
    return (long) kvHeads * tokens * keyRowBytes();
  }

  /** Bytes of the value section without padding; 0 where values are a prefix of the keys. */
  public long valueBytes() {
    return valueIsPrefixOfKey ? 0 : (long) kvHeads * tokens * valueRowBytes();
  }

  /** Where the value section begins. */
  public long valuesOffset() {
    return valueIsPrefixOfKey ? 0 : align(keyBytes());
  }

  /** Bytes of the whole block. */
  public long bytes() {
    return align(valueIsPrefixOfKey ? keyBytes() : valuesOffset() + valueBytes());
  }

  /** Offset of the key of {@code token} in {@code head}. */
  public long keyOffset(int head, int token) {
    return ((long) head * tokens + token) * keyRowBytes();
  }

  /** Offset of the value of {@code token} in {@code head}. */
  public long valueOffset(int head, int token) {
    return valuesOffset() + ((long) head * tokens + token) * valueRowBytes();
  }

  private static long align(long bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
