package dev.varve.cli.file;

import java.util.Optional;

/**
 * What a caller knows of a file that does not say it itself.
 *
 * @param keys name of the tensor with the keys of a layer, {@code {layer}} standing for its number
 * @param values the same of the values
 * @param axes order of the axes of a tensor
 * @param shape layers, heads and the like
 */
public record KindOptions(
    Optional<String> keys, Optional<String> values, Optional<AxisOrder> axes, ShapeHints shape) {

  /** Nothing is known. */
  public static final KindOptions NONE =
      new KindOptions(Optional.empty(), Optional.empty(), Optional.empty(), ShapeHints.NONE);

  public KindOptions {
    if (keys.isPresent() != values.isPresent()) {
      throw new IllegalArgumentException("--keys and --values belong together: give both");
    }
    keys.ifPresent(pattern -> NamePattern.of("--keys", pattern));
    values.ifPresent(pattern -> NamePattern.of("--values", pattern));
  }
}
