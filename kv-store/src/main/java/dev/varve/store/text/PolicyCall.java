package dev.varve.store.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One policy as it was written: {@code name} or {@code name(option=value,option=value)}. Names are
 * lower-case letters, digits, {@code -} and {@code _}, a letter first; values have neither commas,
 * parentheses, equals signs nor blanks inside. Blanks around the parts do not matter. {@code
 * docs/policy.md} has the grammar.
 *
 * @param name what is called
 * @param options values by name, in the order of writing
 */
public record PolicyCall(String name, Map<String, String> options) {
  private static final String NAME = "[a-z][a-z0-9_-]*";
  private static final Pattern CALL =
      Pattern.compile("\\s*(" + NAME + ")\\s*(?:\\(([^()]*)\\)\\s*)?");
  private static final Pattern OPTION =
      Pattern.compile("\\s*(" + NAME + ")\\s*=\\s*([^\\s=]+)\\s*");

  public PolicyCall {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /**
   * Reads a call.
   *
   * @throws IllegalArgumentException if the text is none; the sentence says what is wrong
   */
  public static PolicyCall parse(String text) {
    Matcher call = CALL.matcher(text);
    if (!call.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no policy: write name or name(option=value,option=value)");
    }
    Map<String, String> options = new LinkedHashMap<>();
    String list = call.group(2);
    if (list != null && !list.isBlank()) {
      for (String part : list.split(",", -1)) {
        Matcher option = OPTION.matcher(part);
        if (!option.matches()) {
          throw new IllegalArgumentException(
              "'%s' in '%s' is no option: write option=value".formatted(part.strip(), text));
        }
        if (options.put(option.group(1), option.group(2)) != null) {
          throw new IllegalArgumentException(
              "option '%s' stands twice in '%s': leave one".formatted(option.group(1), text));
        }
      }
    }
    return new PolicyCall(call.group(1), options);
  }
}
