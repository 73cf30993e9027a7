package dev.varve.cli.file;

import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.RopeSpec.Pairing;
import dev.varve.store.RopeSpec.Scaling;
import dev.varve.store.RopeSpec.Stored;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Reads the metadata that {@code varve capture} writes ({@code docs/formats/capture.md}). */
final class CaptureMetadata {

  private static final String VERSION = "1";

  private final ForeignFile file;
  private final Map<String, String> texts;

  private CaptureMetadata(ForeignFile file, Map<String, String> texts) {
    this.file = file;
    this.texts = texts;
  }

  static boolean isCapture(Map<String, String> metadata) {
    return "capture".equals(metadata.get("varve.format"));
  }

  /**
   * {@code found} with what the metadata add; refuses metadata that contradict it. What they lack
   * is taken from the tensors, or left as a guess.
   *
   * @param queryHeads heads of the queries in the file, if there are any
   */
  static KvDescription complete(
      ForeignFile file, Map<String, String> metadata, KvDescription found, OptionalInt queryHeads) {
    return new CaptureMetadata(file, metadata).complete(found, queryHeads);
  }

  /**
   * The position of the first of {@code count} queries, which end with the newest token.
   *
   * @throws dev.varve.cli.CommandFailure if the metadata say otherwise
   */
  static int queryFirst(
      ForeignFile file, Map<String, String> metadata, KvDescription found, int count) {
    CaptureMetadata said = new CaptureMetadata(file, metadata);
    said.same("query_tokens", count);
    said.same("query_first", found.tokens() - count);
    return found.tokens() - count;
  }

  private KvDescription complete(KvDescription found, OptionalInt queryHeads) {
    String version = texts.getOrDefault("varve.version", "");
    if (!version.equals(VERSION)) {
      throw file.refused(
          "is a capture of version %s, this program reads version %s".formatted(version, VERSION));
    }
    LayerShape first = found.shape().layers().getFirst();
    same("layers", found.shape().layerCount());
    same("kv_heads", first.kvHeads());
    same("key_dim", first.keyDim());
    same("value_dim", first.valueDim());
    same("tokens", found.tokens());
    queryHeads.ifPresent(heads -> same("query_heads", heads));
    try {
      LayerShape layer =
          new LayerShape(
              queryHeads.orElseGet(() -> number("query_heads", first.kvHeads())),
              first.kvHeads(),
              first.keyDim(),
              first.valueDim(),
              (float) decimal("scale", 1 / Math.sqrt(first.keyDim())),
              0f,
              texts.containsKey("rope_dims") ? rope() : RopeSpec.none(),
              number("window", 0),
              false,
              OptionalInt.empty());
      return new KvDescription(
          ModelShape.uniform(found.shape().layerCount(), layer, found.shape().dtype()),
          found.tokens(),
          texts.keySet().containsAll(List.of("query_heads", "scale", "window", "rope_dims")),
          texts.getOrDefault("model_identity", ""));
    } catch (IllegalArgumentException e) {
      throw file.refused("has an impossible shape: " + e.getMessage());
    }
  }

  private RopeSpec rope() {
    return new RopeSpec(
        number("rope_dims", 0),
        decimal("rope_theta", 10_000),
        word("rope_pairing", Pairing.class, Pairing.HALVES),
        word("rope_stored", Stored.class, Stored.POST_ROPE),
        scaling(texts.getOrDefault("rope_scaling", "none")));
  }

  private static Scaling scaling(String text) {
    String[] parts = text.split("[:,]", -1);
    try {
      double[] numbers = Arrays.stream(parts).skip(1).mapToDouble(Double::parseDouble).toArray();
      return switch (parts[0] + numbers.length) {
        case "none0" -> new Scaling.None();
        case "linear1" -> new Scaling.Linear(numbers[0]);
        case "llama34" -> new Scaling.Llama3(numbers[0], numbers[1], numbers[2], (int) numbers[3]);
        default -> throw new NumberFormatException();
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "rope_scaling is '%s': readable is none, linear:FACTOR or llama3:FACTOR,LOW,HIGH,CONTEXT"
              .formatted(text),
          e);
    }
  }

  private <T extends Enum<T>> T word(String name, Class<T> type, T fallback) {
    String text = texts.get(name);
    if (text == null) {
      return fallback;
    }
    for (T value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "%s is '%s': readable is one of %s"
            .formatted(name, text, Arrays.toString(type.getEnumConstants())));
  }

  /** What the tensors say, unless the metadata contradict it. */
  private void same(String name, int found) {
    int said = number(name, found);
    if (said != found) {
      throw file.refused(
          "the metadata say %s = %d, the tensors have %d".formatted(name, said, found));
    }
  }

  private int number(String name, int fallback) {
    String text = texts.get(name);
    try {
      return text == null ? fallback : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw file.refused("%s is '%s', not a whole number".formatted(name, text));
    }
  }

  private double decimal(String name, double fallback) {
    String text = texts.get(name);
    try {
      return text == null ? fallback : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw file.refused("%s is '%s', not a number".formatted(name, text));
    }
  }
}
