package dev.varve.cli.serve;

import dev.varve.cli.text.ByteSize;
import dev.varve.store.Dtype;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The {@code NAME=VALUE} words of a line about a model; each may be read, and none left over. */
final class ModelWords {

  private final Map<String, String> left = new LinkedHashMap<>();

  /**
   * @throws IllegalArgumentException if a word has no {@code =} or a name is there twice
   */
  ModelWords(List<String> words) {
    for (String word : words) {
      int at = word.indexOf('=');
      if (at < 1) {
        throw new IllegalArgumentException("'" + word + "' is no NAME=VALUE");
      }
      if (left.put(word.substring(0, at), word.substring(at + 1)) != null) {
        throw new IllegalArgumentException("'" + word.substring(0, at) + "' is there twice");
      }
    }
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(left.remove(name));
  }

  private String needed(String name) {
    return text(name).orElseThrow(() -> new IllegalArgumentException("'" + name + "=' is missing"));
  }

  int integer(String name) {
    return integer(name, needed(name));
  }

  int integer(String name, int byDefault) {
    return text(name).map(value -> integer(name, value)).orElse(byDefault);
  }

  private static int integer(String name, String value) {
    if (!value.matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException(name + "=" + value + " is no whole number");
    }
    return Integer.parseInt(value);
  }

  Optional<Double> decimal(String name) {
    return text(name).map(value -> decimal(name, value));
  }

  private static double decimal(String name, String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + "=" + value + " is no number", e);
    }
  }

  ByteSize size(String name, String byDefault) {
    return size(name).orElseGet(() -> ByteSize.parse(byDefault));
  }

  Optional<ByteSize> size(String name) {
    return text(name).map(ByteSize::parse);
  }

  Dtype dtype() {
    String name = needed("dtype");
    try {
      return Dtype.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("dtype=" + name + " is none of f32, f16, bf16", e);
    }
  }

  /** Refuses words that nobody asked for. */
  void checkNoneLeft() {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s=' means nothing here: see docs/protocol.md for what a model may be told"
              .formatted(left.keySet().iterator().next()));
    }
  }
}
