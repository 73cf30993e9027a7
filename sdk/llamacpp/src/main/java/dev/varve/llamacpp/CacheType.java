package dev.varve.llamacpp;

import dev.varve.llamacpp.gguf.GgmlType;
import dev.varve.store.Dtype;
import java.util.Optional;

/** Element types that llama.cpp keeps keys or values in. */
public enum CacheType {
  F32(GgmlType.F32, Optional.of(Dtype.F32)),
  F16(GgmlType.F16, Optional.of(Dtype.F16)),
  BF16(GgmlType.BF16, Optional.of(Dtype.BF16)),
  Q8_0(GgmlType.Q8_0, Optional.empty()),
  Q5_1(GgmlType.Q5_1, Optional.empty()),
  Q5_0(GgmlType.Q5_0, Optional.empty()),
  Q4_1(GgmlType.Q4_1, Optional.empty()),
  Q4_0(GgmlType.Q4_0, Optional.empty());

  private final GgmlType type;

  @SuppressWarnings("ImmutableEnumChecker") // holds an enum
  private final Optional<Dtype> dtype;

  CacheType(GgmlType type, Optional<Dtype> dtype) {
    this.type = type;
    this.dtype = dtype;
  }

  /** The engine's type. */
  public GgmlType type() {
    return type;
  }

  /** Our type of the same numbers; none for numbers in blocks with a scale. */
  public Optional<Dtype> dtype() {
    return dtype;
  }
}
