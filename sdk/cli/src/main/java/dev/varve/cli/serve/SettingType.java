package dev.varve.cli.serve;

import dev.varve.cli.text.ByteSize;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the text of a setting as the type of its component. */
final class SettingType {

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}) ?(ms|s|m|h)");

  private SettingType() {}

  /**
   * The value that a text means.
   *
   * @param type a type of {@link ServeSettings}
   * @throws IllegalArgumentException if it means none
   */
  static Object parse(Type type, String text) {
    if (type instanceof ParameterizedType optional) {
      return text.isEmpty()
          ? Optional.empty()
          : Optional.of(parse(optional.getActualTypeArguments()[0], text));
    }
    if (type == String.class) {
      return text;
    }
    if (type == int.class) {
      return integer(text);
    }
    if (type == boolean.class) {
      return bool(text);
    }
    if (type == ByteSize.class) {
      return ByteSize.parse(text);
    }
    if (type == Path.class) {
      return Path.of(text);
    }
    if (type == Duration.class) {
      return duration(text);
    }
    throw new IllegalStateException("no setting can be of " + type);
  }

  private static int integer(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is no whole number", e);
    }
  }

  private static boolean bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
    };
  }

  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no time: write a number and a unit, as in 500ms, 30s, 5m, 1h");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }
}
