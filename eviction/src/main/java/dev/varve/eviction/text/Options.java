package dev.varve.eviction.text;

import dev.varve.store.text.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The options of one call, read with their defaults; remembers the values for the full text. */
final class Options {
  private final String name;
  private final Map<String, String> given;
  private final List<String> read = new ArrayList<>();

  /**
   * @param known names that may occur
   * @throws IllegalArgumentException names an option that may not, and the nearest that may
   */
  Options(PolicyText.Call call, List<String> known) {
    this.name = call.name();
    this.given = call.options();
    for (String option : given.keySet()) {
      if (!known.contains(option)) {
        throw new IllegalArgumentException(
            known.isEmpty()
                ? "%s takes no options: %s".formatted(name, option)
                : "%s has no option '%s'; did you mean '%s'? It takes %s"
                    .formatted(
                        name, option, NearestName.of(option, known), String.join(", ", known)));
      }
    }
  }

  /** A whole number from {@code least} to {@code most}. */
  int integer(String option, int otherwise, int least, int most) {
    String text = given.get(option);
    return keep(option, text == null ? otherwise : whole(option, text, least, most));
  }

  /** A whole number from {@code least} on. */
  int integer(String option, int otherwise, int least) {
    return integer(option, otherwise, least, Integer.MAX_VALUE);
  }

  /** A number from {@code least} to {@code most}. */
  double number(String option, double otherwise, double least, double most) {
    String text = given.get(option);
    double value = text == null ? otherwise : decimal(option, text);
    if (!(value >= least && value <= most)) {
      String from = least == Double.MIN_VALUE ? "above 0 and at most " : "from " + least + " to ";
      throw wrong(option, "a number " + from + most, String.valueOf(text));
    }
    return keep(option, value);
  }

  /** One of the words of an enum, in any case. */
  <T extends Enum<T>> T word(String option, Class<T> type, T otherwise) {
    String text = given.get(option);
    T value = otherwise;
    if (text != null) {
      List<String> words = Arrays.stream(type.getEnumConstants()).map(Options::lower).toList();
      int index = words.indexOf(text.toLowerCase(Locale.ROOT));
      if (index < 0) {
        throw wrong(option, "one of " + String.join(", ", words), text);
      }
      value = type.getEnumConstants()[index];
    }
    read.add(option + "=" + lower(value));
    return value;
  }

  /** Yes or no. */
  boolean flag(String option, boolean otherwise) {
    String text = given.get(option);
    if (text != null && !text.equals("true") && !text.equals("false")) {
      throw wrong(option, "true or false", text);
    }
    return keep(option, text == null ? otherwise : Boolean.valueOf(text));
  }

  /** Text that must be there. */
  String required(String option, String meaning) {
    String text = given.get(option);
    if (text == null) {
      throw new IllegalArgumentException("%s needs %s=%s".formatted(name, option, meaning));
    }
    boolean plain = text.chars().noneMatch(c -> ",()' +".indexOf(c) >= 0);
    read.add(option + "=" + (plain ? text : "'" + text + "'"));
    return text;
  }

  /** Text that may be there; then it is part of the full text. */
  Optional<String> text(String option) {
    return given.containsKey(option) ? Optional.of(required(option, "TEXT")) : Optional.empty();
  }

  /** Says that a value is wrong. */
  IllegalArgumentException wrong(String option, String should, String is) {
    return new IllegalArgumentException(
        "%s(%s) must be %s: %s".formatted(name, option, should, is));
  }

  /** The call with every option that was read. */
  String fullText() {
    return read.isEmpty() ? name : name + read.stream().collect(Collectors.joining(",", "(", ")"));
  }

  /** The whole number that a required text says. */
  int whole(String option, String text, int least, int most) {
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw (IllegalArgumentException) wrong(option, range(least, most), text).initCause(e);
    }
    throw wrong(option, range(least, most), text);
  }

  private static String range(int least, int most) {
    return most == Integer.MAX_VALUE
        ? "a whole number of at least " + least
        : "a whole number from " + least + " to " + most;
  }

  private double decimal(String option, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw (IllegalArgumentException) wrong(option, "a number", text).initCause(e);
    }
  }

  private <T> T keep(String option, T value) {
    read.add(option + "=" + value);
    return value;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
