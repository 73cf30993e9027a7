package dev.varve.cli.file;

import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.RopeSpec.Pairing;
import dev.varve.store.RopeSpec.Scaling;
import dev.varve.store.RopeSpec.Stored;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Reads the metadata that {@code varve capture} writes ({@code docs/formats/capture.md}). */
final class CaptureMetadata {

  private static final int VERSION = 1;

  private final ForeignFile file;
  private final Map<String, String> texts;

  private CaptureMetadata(ForeignFile file, Map<String, String> texts) {
    this.file = file;
    this.texts = texts;
  }

  static boolean isCapture(Map<String, String> metadata) {
    return "capture".equals(metadata.get("varve.format"));
  }

  /** {@code found} with what the metadata adds; refuses metadata that contradict it. */
  static KvDescription complete(
      ForeignFile file, Map<String, String> metadata, KvDescription found) {
    return new CaptureMetadata(file, metadata).complete(found);
  }

  /** The position of the first query. */
  static int queryFirst(ForeignFile file, Map<String, String> metadata) {
    return new CaptureMetadata(file, metadata).number("query_first");
  }

  private KvDescription complete(KvDescription found) {
    int version = number("varve.version");
    if (version != VERSION) {
      throw file.refused(
          "a capture of version %d, this program reads version %d".formatted(version, VERSION));
    }
    LayerShape first = found.shape().layers().getFirst();
    same("layers", found.shape().layerCount());
    same("kv_heads", first.kvHeads());
    same("key_dim", first.keyDim());
    same("value_dim", first.valueDim());
    same("tokens", found.tokens());
    try {
      LayerShape layer =
          new LayerShape(
              number("query_heads"),
              first.kvHeads(),
              first.keyDim(),
              first.valueDim(),
              (float) decimal("scale"),
              0f,
              rope(),
              number("window"),
              false,
              OptionalInt.empty());
      return new KvDescription(
          ModelShape.uniform(found.shape().layerCount(), layer, found.shape().dtype()),
          found.tokens(),
          true,
          text("model_identity"));
    } catch (IllegalArgumentException e) {
      throw file.refused("impossible metadata: " + e.getMessage());
    }
  }

  private RopeSpec rope() {
    return new RopeSpec(
        number("rope_dims"),
        decimal("rope_theta"),
        Pairing.valueOf(text("rope_pairing").toUpperCase(Locale.ROOT)),
        Stored.valueOf(text("rope_stored").toUpperCase(Locale.ROOT)),
        scaling(text("rope_scaling")));
  }

  private static Scaling scaling(String text) {
    String[] parts = text.split("[:,]", -1);
    double[] numbers = Arrays.stream(parts).skip(1).mapToDouble(Double::parseDouble).toArray();
    return switch (parts[0] + numbers.length) {
      case "none0" -> new Scaling.None();
      case "linear1" -> new Scaling.Linear(numbers[0]);
      case "llama34" -> new Scaling.Llama3(numbers[0], numbers[1], numbers[2], (int) numbers[3]);
      default -> throw new IllegalArgumentException("rope_scaling is '" + text + "'");
    };
  }

  private void same(String name, int found) {
    if (number(name) != found) {
      throw file.refused(
          "the metadata say %s = %s, the tensors have %d".formatted(name, text(name), found));
    }
  }

  private String text(String name) {
    String value = texts.get(name);
    if (value == null) {
      throw file.refused("a capture needs '" + name + "' in its metadata");
    }
    return value;
  }

  private int number(String name) {
    try {
      return Integer.parseInt(text(name));
    } catch (NumberFormatException e) {
      throw file.refused("'%s' in the metadata is no number: %s".formatted(name, text(name)));
    }
  }

  private double decimal(String name) {
    try {
      return Double.parseDouble(text(name));
    } catch (NumberFormatException e) {
      throw file.refused("'%s' in the metadata is no number: %s".formatted(name, text(name)));
    }
  }
}
