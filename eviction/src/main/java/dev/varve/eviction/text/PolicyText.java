package dev.varve.eviction.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the outer form of a policy: names with options, joined by plus signs. {@code
 * docs/policy.md} has the grammar; what names and options mean is not decided here.
 */
final class PolicyText {

  /**
   * A name with its options.
   *
   * @param name of a method or a wrapper
   * @param options values by name, in the order of the text
   */
  record Call(String name, Map<String, String> options) {}

  private final String text;
  private int at;

  private PolicyText(String text) {
    this.text = text;
  }

  /**
   * The calls of {@code text}, at least one.
   *
   * @throws IllegalArgumentException says what was expected where
   */
  static List<Call> parse(String text) {
    PolicyText reader = new PolicyText(text.strip());
    List<Call> calls = new ArrayList<>();
    do {
      calls.add(reader.call());
    } while (reader.take('+'));
    if (reader.at < reader.text.length()) {
      throw reader.expected("'+' or the end");
    }
    return calls;
  }

  private Call call() {
    String name = word("a name");
    Map<String, String> options = new LinkedHashMap<>();
    if (take('(') && !take(')')) {
      do {
        String option = word("the name of an option");
        if (!take('=')) {
          throw expected("'=' after '" + option + "'");
        }
        if (options.put(option, value(option)) != null) {
          throw new IllegalArgumentException(
              "'%s' gives %s twice for %s".formatted(text, option, name));
        }
      } while (take(','));
      if (!take(')')) {
        throw expected("',' or ')'");
      }
    }
    return new Call(name, options);
  }

  private String word(String what) {
    skipSpace();
    int from = at;
    while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || isDash(at))) {
      at++;
    }
    if (at == from) {
      throw expected(what);
    }
    return text.substring(from, at);
  }

  private boolean isDash(int index) {
    return text.charAt(index) == '_' || text.charAt(index) == '-';
  }

  private String value(String option) {
    skipSpace();
    if (take('\'')) {
      int end = text.indexOf('\'', at);
      if (end < 0) {
        at = text.length();
        throw expected("a closing quote");
      }
      String quoted = text.substring(at, end);
      at = end + 1;
      return quoted;
    }
    int from = at;
    while (at < text.length() && ",()'".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String value = text.substring(from, at).strip();
    if (value.isEmpty()) {
      throw expected("a value for '" + option + "'");
    }
    return value;
  }

  private boolean take(char wanted) {
    skipSpace();
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private IllegalArgumentException expected(String what) {
    String found = at < text.length() ? "'" + text.charAt(at) + "'" : "its end";
    return new IllegalArgumentException(
        "policy '%s': expected %s at character %d, found %s".formatted(text, what, at + 1, found));
  }
}
