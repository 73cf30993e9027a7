package dev.varve.store.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the options of a {@link PolicyCall} one after the other, each with its default, and at the
 * end refuses what nobody read. For one thread; meant to live as long as one call is read.
 */
public final class CallOptions {
  private final String policy;
  private final Map<String, String> left;
  private final Map<String, String> values = new LinkedHashMap<>();

  /** The options of {@code call}, none read. */
  public CallOptions(PolicyCall call) {
    this.policy = call.name();
    this.left = new LinkedHashMap<>(call.options());
  }

  /** A whole number in {@code [from, to]}. */
  public int count(String name, int fallback, int from, int to) {
    String text = take(name);
    if (text.isEmpty()) {
      return noted(name, fallback);
    }
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw wrong(name, text, "a whole number from " + from + " to " + to, e);
    }
    if (value < from || value > to) {
      throw wrong(name, text, "a whole number from " + from + " to " + to, null);
    }
    return noted(name, (int) value);
  }

  /** A finite number in {@code [from, to]}; NaN is refused. */
  public double number(String name, double fallback, double from, double to) {
    String text = take(name);
    if (text.isEmpty()) {
      return noted(name, fallback);
    }
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw wrong(name, text, "a number from " + from + " to " + to, e);
    }
    if (!(value >= from && value <= to)) {
      throw wrong(name, text, "a number from " + from + " to " + to, null);
    }
    return noted(name, value);
  }

  /** One of {@code choices}. */
  public String choice(String name, String fallback, List<String> choices) {
    String text = take(name);
    if (text.isEmpty()) {
      return noted(name, fallback);
    }
    if (!choices.contains(text)) {
      throw wrong(name, text, NearestName.suggest(text, choices), null);
    }
    return noted(name, text);
  }

  /** A number of tokens, or below 1 a share of them. */
  public TokenBudget budget(String name, TokenBudget fallback) {
    String text = take(name);
    if (text.isEmpty()) {
      return noted(name, fallback);
    }
    try {
      return noted(name, TokenBudget.parse(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(policy + ": " + name + ": " + e.getMessage(), e);
    }
  }

  /** Whole numbers of at least 0, joined by {@code +}. */
  public List<Integer> list(String name, List<Integer> fallback) {
    String text = take(name);
    if (text.isEmpty()) {
      return joined(name, fallback);
    }
    String wanted = "whole numbers joined by '+', as 10+46";
    if (!text.matches("\\d{1,9}(\\+\\d{1,9})*")) {
      throw wrong(name, text, wanted, null);
    }
    return joined(name, List.of(text.split("\\+", -1)).stream().map(Integer::valueOf).toList());
  }

  /**
   * Ends the reading.
   *
   * @throws IllegalArgumentException if an option was given that was not asked for; names the
   *     nearest that was
   */
  public void finish() {
    if (!left.isEmpty()) {
      String unknown = left.keySet().iterator().next();
      throw new IllegalArgumentException(
          "%s has no option '%s': %s"
              .formatted(policy, unknown, NearestName.suggest(unknown, values.keySet())));
    }
  }

  /** The call with every option that was read, written out: {@code name(option=value,...)}. */
  public String text() {
    return policy
        + values.entrySet().stream()
            .map(option -> option.getKey() + "=" + option.getValue())
            .collect(Collectors.joining(",", "(", ")"));
  }

  private <T> T noted(String name, T value) {
    values.put(name, String.valueOf(value));
    return value;
  }

  private List<Integer> joined(String name, List<Integer> value) {
    values.put(name, value.stream().map(String::valueOf).collect(Collectors.joining("+")));
    return value;
  }

  private String take(String name) {
    String text = left.remove(name);
    return text == null ? "" : text;
  }

  private IllegalArgumentException wrong(
      String name, String text, String wanted, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "%s: %s must be %s: '%s'".formatted(policy, name, wanted, text), cause);
  }
}
