package dev.varve.store.safetensors;

import dev.varve.store.Dtype;
import java.util.Optional;

/** Element types that are read and written; the names are the ones of the file header. */
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
  U8(1);

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
      case I32, I64, U8 -> Optional.empty();
    };
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
