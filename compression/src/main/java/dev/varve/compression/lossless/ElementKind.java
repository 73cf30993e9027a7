package dev.varve.compression.lossless;

import dev.varve.store.Dtype;

/** What the elements are, as far as the place of their exponents goes. */
public enum ElementKind {
  /** Upper half of a binary32: exponents, mantissas with signs. */
  BF16(Short.BYTES),
  /** IEEE 754 binary16: the upper bytes, the lower bytes. */
  F16(Short.BYTES),
  /**
   * IEEE 754 binary32: exponents, the front of the mantissas, their middle, their ends with the
   * signs.
   */
  F32(Float.BYTES),
  /** Bytes of any meaning: one plane. */
  BYTES(Byte.BYTES);

  private final int bytes;

  ElementKind(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** The kind of a stored element type. */
  public static ElementKind of(Dtype dtype) {
    return switch (dtype) {
      case F32 -> F32;
      case F16 -> F16;
      case BF16 -> BF16;
    };
  }
}
