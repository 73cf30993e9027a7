package dev.varve.cli.file;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of tensors that differ in the number of their layer, as {@code layers.{layer}.keys}. */
record NamePattern(String text, Pattern regex) {

  private static final String PLACE = "{layer}";

  /** The pattern {@code text}, given by {@code option}. */
  static NamePattern of(String option, String text) {
    int at = text.indexOf(PLACE);
    if (at < 0 || text.indexOf(PLACE, at + 1) >= 0) {
      throw new IllegalArgumentException(
          option
              + " must contain "
              + PLACE
              + " once, where the number of the layer stands: "
              + text);
    }
    String before = Pattern.quote(text.substring(0, at));
    String after = Pattern.quote(text.substring(at + PLACE.length()));
    return new NamePattern(text, Pattern.compile(before + "(\\d{1,5})" + after));
  }

  /** The layer that {@code name} belongs to, if it is of this pattern. */
  OptionalInt layerOf(String name) {
    Matcher matcher = regex.matcher(name);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** The name for {@code layer}. */
  String name(int layer) {
    return text.replace(PLACE, Integer.toString(layer));
  }
}
