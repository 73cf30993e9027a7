package dev.varve.store.safetensors;

import dev.varve.store.Dtype;
import java.util.Optional;

/**
 * Element types that are read and written; the names are the ones of the file header. What is
 * packed to less than a byte an element is not among them.
 */
public enum TensorType {
  /** IEEE 754 binary32. */
  F32(Float.BYTES),
  /** IEEE 754 binary16. */
  F16(Short.BYTES),
  /** The upper half of a binary32. */
  BF16(Short.BYTES),
  /** Signed 32 bits. */
  I32(Integer.BYTES),
  /** Signed 64 bits. */
  I64(Long.BYTES),
  /** Unsigned 8 bits. */
  U8(1),
  /** True or false, a byte. */
  BOOL(1),
  /** Signed 8 bits. */
  I8(1),
  /** Eight bits, five of them an exponent. */
  F8_E5M2(1),
  /** Eight bits, four of them an exponent. */
  F8_E4M3(1),
  /** A power of two. */
  F8_E8M0(1),
  /** Signed 16 bits. */
  I16(Short.BYTES),
  /** Unsigned 16 bits. */
  U16(Short.BYTES),
  /** Unsigned 32 bits. */
  U32(Integer.BYTES),
  /** Unsigned 64 bits. */
  U64(Long.BYTES),
  /** IEEE 754 binary64. */
  F64(Double.BYTES),
  /** Two binary32: a complex number. */
  C64(2 * Float.BYTES);

  private final int bytes;

  TensorType(int bytes) {
    this.bytes = bytes;
  }

  /** The type of a file that holds elements of {@code dtype}. */
  public static TensorType of(Dtype dtype) {
    return switch (dtype) {
      case F32 -> F32;
      case F16 -> F16;
      case BF16 -> BF16;
    };
  }

  /** The element type of keys and values that this is, if it is one. */
  public Optional<Dtype> dtype() {
    return switch (this) {
      case F32 -> Optional.of(Dtype.F32);
      case F16 -> Optional.of(Dtype.F16);
      case BF16 -> Optional.of(Dtype.BF16);
      default -> Optional.empty();
    };
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
