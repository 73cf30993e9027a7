package dev.varve.compression.container;

import dev.varve.store.Checks;
import java.util.List;

/**
 * A named tensor that is neither keys nor values, kept to the bit so that the source can be written
 * again.
 *
 * @param name as in the source; at most {@link #MAX_NAME_BYTES} in UTF-8
 * @param dtype name of the element type as in the source; {@code F32}, {@code F16} and {@code BF16}
 *     are compressed as such, all others as bytes
 * @param shape lengths of the dimensions
 * @param bytes length of the whole tensor
 */
public record Attachment(String name, String dtype, List<Long> shape, long bytes) {

  /** Most bytes of a name or the name of a type. */
  public static final int MAX_NAME_BYTES = 4096;

  /** Most dimensions. */
  public static final int MAX_RANK = 32;

  public Attachment {
    shape = List.copyOf(shape);
    Checks.inRange(shape.size(), 0, MAX_RANK, "dimensions of " + name);
    for (long length : shape) {
      if (length < 0) {
        throw new IllegalArgumentException(
            "a dimension of %s must not be negative: %d".formatted(name, length));
      }
    }
    if (bytes < 0) {
      throw new IllegalArgumentException(name + " cannot have " + bytes + " bytes");
    }
  }
}
