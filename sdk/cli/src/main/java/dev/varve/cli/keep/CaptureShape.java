package dev.varve.cli.keep;

import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The shape that a capture's metadata describe; {@code docs/formats/capture.md} explains every
 * name.
 *
 * @param layers number of layers
 * @param layer the shape of each
 * @param tokens positions of the run
 * @param queries queries kept
 */
record CaptureShape(int layers, LayerShape layer, int tokens, int queries) {

  /**
   * Reads the metadata.
   *
   * @throws StoreException if they are no capture's or say what cannot be
   */
  static CaptureShape of(Path file, Map<String, String> metadata) {
    Reader reader = new Reader(file, metadata);
    if (!reader.text("varve.format").equals("capture")) {
      throw reader.wrong("varve.format", "capture");
    }
    if (!reader.text("varve.version").equals("1")) {
      throw reader.wrong("varve.version", "1, the only one this version reads");
    }
    try {
      LayerShape layer =
          new LayerShape(
              reader.integer("query_heads"),
              reader.integer("kv_heads"),
              reader.integer("key_dim"),
              reader.integer("value_dim"),
              (float) reader.number("scale"),
              0f,
              reader.rope(),
              reader.integer("window"),
              false,
              OptionalInt.empty());
      CaptureShape shape =
          new CaptureShape(
              reader.integer("layers"),
              layer,
              reader.integer("tokens"),
              reader.integer("query_tokens"));
      if (shape.layers < 1 || shape.tokens < 1 || shape.queries < 0) {
        throw new IllegalArgumentException(
            "%d layers, %d tokens and %d queries make no capture"
                .formatted(shape.layers, shape.tokens, shape.queries));
      }
      return shape;
    } catch (IllegalArgumentException e) {
      throw new StoreException(file + ": " + e.getMessage(), e);
    }
  }

  private record Reader(Path file, Map<String, String> metadata) {
    String text(String name) {
      String value = metadata.get(name);
      if (value == null) {
        throw new StoreException(
            "%s: its metadata lack '%s': it is no file of varve capture".formatted(file, name));
      }
      return value;
    }

    int integer(String name) {
      try {
        return Integer.parseInt(text(name));
      } catch (NumberFormatException e) {
        throw wrong(name, "a whole number");
      }
    }

    double number(String name) {
      try {
        return Double.parseDouble(text(name));
      } catch (NumberFormatException e) {
        throw wrong(name, "a number");
      }
    }

    RopeSpec rope() {
      return new RopeSpec(
          integer("rope_dims"),
          number("rope_theta"),
          word("rope_pairing", RopeSpec.Pairing.class),
          word("rope_stored", RopeSpec.Stored.class),
          scaling());
    }

    private RopeSpec.Scaling scaling() {
      String[] parts = text("rope_scaling").split("[:,]", -1);
      try {
        return switch (parts[0] + parts.length) {
          case "none1" -> new RopeSpec.Scaling.None();
          case "linear2" -> new RopeSpec.Scaling.Linear(Double.parseDouble(parts[1]));
          case "llama35" ->
              new RopeSpec.Scaling.Llama3(
                  Double.parseDouble(parts[1]),
                  Double.parseDouble(parts[2]),
                  Double.parseDouble(parts[3]),
                  Integer.parseInt(parts[4]));
          default -> throw wrong("rope_scaling", "none, linear:FACTOR or llama3:A,B,C,D");
        };
      } catch (NumberFormatException e) {
        throw wrong("rope_scaling", "none, linear:FACTOR or llama3:A,B,C,D");
      }
    }

    private <T extends Enum<T>> T word(String name, Class<T> type) {
      for (T value : type.getEnumConstants()) {
        if (value.name().toLowerCase(Locale.ROOT).equals(text(name))) {
          return value;
        }
      }
      throw wrong(name, "one of " + java.util.List.of(type.getEnumConstants()));
    }

    StoreException wrong(String name, String should) {
      return new StoreException(
          "%s: its metadata say %s = '%s': readable is %s"
              .formatted(file, name, text(name), should));
    }
  }
}
