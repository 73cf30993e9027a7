package dev.varve.store.safetensors;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Name, element type and shape of a tensor.
 *
 * @param name unique in its file
 * @param type element type
 * @param shape dimensions, the last one consecutive in memory; empty for a single element
 */
public record TensorSpec(String name, TensorType type, List<Long> shape) {

  public TensorSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    shape = List.copyOf(shape);
    if (name.isEmpty() || name.equals(Header.METADATA)) {
      throw new IllegalArgumentException("a tensor cannot be named '" + name + "'");
    }
    byteSize(type, shape, name);
  }

  /** A tensor of the given dimensions. */
  public static TensorSpec of(String name, TensorType type, long... shape) {
    return new TensorSpec(name, type, Arrays.stream(shape).boxed().toList());
  }

  /** Bytes of all elements. */
  public long byteSize() {
    return byteSize(type, shape, name);
  }

  private static long byteSize(TensorType type, List<Long> shape, String name) {
    long bytes = type.bytes();
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "tensor '" + name + "' has the negative dimension " + dimension + " in " + shape);
      }
      try {
        bytes = Math.multiplyExact(bytes, dimension);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "tensor '" + name + "' of shape " + shape + " is larger than 2^63 bytes", e);
      }
    }
    return bytes;
  }
}
