package dev.varve.cli.capture;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which queries a capture keeps: those of the last {@code tokens} tokens.
 *
 * @param tokens 0 for none, {@link Integer#MAX_VALUE} for all
 */
public record QueryWindow(int tokens) {

  private static final Pattern LAST = Pattern.compile("last:([1-9]\\d{0,8})");

  /** Reads {@code last:N}, {@code all} or {@code none}. */
  public static QueryWindow parse(String text) {
    Matcher last = LAST.matcher(text);
    if (last.matches()) {
      return new QueryWindow(Integer.parseInt(last.group(1)));
    }
    return switch (text) {
      case "all" -> new QueryWindow(Integer.MAX_VALUE);
      case "none" -> new QueryWindow(0);
      default ->
          throw new IllegalArgumentException(
              "'" + text + "' is no choice of queries: write last:N, all or none");
    };
  }

  /** How many of {@code length} tokens that are. */
  public int of(int length) {
    return Math.min(tokens, length);
  }
}
