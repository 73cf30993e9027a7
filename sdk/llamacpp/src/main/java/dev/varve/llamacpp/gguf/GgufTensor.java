package dev.varve.llamacpp.gguf;

import java.util.List;

/**
 * A tensor of a GGUF file.
 *
 * @param name as the engine asks for it
 * @param shape numbers along each axis, innermost first
 * @param type of the numbers
 * @param offset of its bytes from the beginning of the data
 */
public record GgufTensor(String name, List<Long> shape, GgmlType type, long offset) {

  public GgufTensor {
    shape = List.copyOf(shape);
  }

  /** Bytes it takes. */
  public long bytes() {
    long count = 1;
    for (long axis : shape) {
      count = Math.multiplyExact(count, axis);
    }
    return type.bytes(count);
  }
}
