package dev.varve.cli.file;

import dev.varve.store.Dtype;
import java.util.Optional;

/** Numbers that llama.cpp has for element types. */
final class LlamaType {

  private static final int F32 = 0;
  private static final int F16 = 1;
  private static final int BF16 = 30;

  private LlamaType() {}

  /** Our element type of the same numbers; none for numbers in blocks with a scale. */
  static Optional<Dtype> dtype(int type) {
    return switch (type) {
      case F32 -> Optional.of(Dtype.F32);
      case F16 -> Optional.of(Dtype.F16);
      case BF16 -> Optional.of(Dtype.BF16);
      default -> Optional.empty();
    };
  }

  /** The number of an element type. */
  static int of(Dtype dtype) {
    return switch (dtype) {
      case F32 -> F32;
      case F16 -> F16;
      case BF16 -> BF16;
    };
  }
}
