package dev.varve.cli.file;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A shape as a caller gives it: {@code layers=32,heads=8,dim=128,dtype=bf16}, in any order, any
 * part left out.
 *
 * @param layers layers
 * @param heads KV heads
 * @param queryHeads query heads
 * @param dim elements of a key and of a value
 * @param dtype element type
 */
public record ShapeHints(
    OptionalInt layers,
    OptionalInt heads,
    OptionalInt queryHeads,
    OptionalInt dim,
    Optional<Dtype> dtype) {

  /** Nothing is given. */
  public static final ShapeHints NONE =
      new ShapeHints(
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty());

  /** Reads the form above. */
  public static ShapeHints parse(String text) {
    OptionalInt layers = OptionalInt.empty();
    OptionalInt heads = OptionalInt.empty();
    OptionalInt queryHeads = OptionalInt.empty();
    OptionalInt dim = OptionalInt.empty();
    Optional<Dtype> dtype = Optional.empty();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part.strip() : part.substring(0, equals).strip();
      String value = equals < 0 ? "" : part.substring(equals + 1).strip();
      switch (name) {
        case "layers" -> layers = number(name, value);
        case "heads" -> heads = number(name, value);
        case "query_heads" -> queryHeads = number(name, value);
        case "dim" -> dim = number(name, value);
        case "dtype" -> dtype = Optional.of(dtype(value));
        default ->
            throw new IllegalArgumentException(
                "'%s' is no part of a shape: write layers=N,heads=N,query_heads=N,dim=N,dtype=TYPE"
                    .formatted(part));
      }
    }
    return new ShapeHints(layers, heads, queryHeads, dim, dtype);
  }

  private static OptionalInt number(String name, String value) {
    try {
      return OptionalInt.of(Checks.positive(Integer.parseInt(value), name + " of a shape"));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s of a shape must be a whole number: '%s'".formatted(name, value), e);
    }
  }

  private static Dtype dtype(String value) {
    for (Dtype dtype : Dtype.values()) {
      if (dtype.name().toLowerCase(Locale.ROOT).equals(value)) {
        return dtype;
      }
    }
    throw new IllegalArgumentException(
        "'%s' is no element type: there are f32, f16, bf16".formatted(value));
  }

  /** A layer of which nothing but heads and widths is known. */
  LayerShape layer(int kvHeads, int keyDim, int valueDim) {
    float scale = (float) (1.0 / Math.sqrt(keyDim));
    return new LayerShape(
        queryHeads.orElse(kvHeads),
        kvHeads,
        keyDim,
        valueDim,
        scale,
        0f,
        RopeSpec.none(),
        0,
        false,
        OptionalInt.empty());
  }
}
